"""DL3000: WORKDIR with a relative path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Onbuild, Workdir
from lading.lint import working_directory
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_ABSOLUTE = re.compile(r"[/$]|[A-Za-z]:")
_PLAIN = re.compile(r"[\w./@+-]+")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every relative path."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    for workdir in subject.all(Workdir):
        path = workdir.path.value.strip("\"'")
        if _ABSOLUTE.match(path) or id(workdir) in inside:
            continue
        yield Found(
            workdir.path.span,
            f"{path[:80]} is relative to whatever came before: write the whole path, from / on",
            _fix(subject, workdir, path),
        )


def _fix(subject: Subject, workdir: Workdir, path: str) -> Fix | None:
    if not _PLAIN.fullmatch(path) or not subject.language(workdir):
        return None
    current = working_directory.before(subject, workdir)
    if current is None:
        return None
    whole = working_directory.joined(current, path)
    return Fix(f"Write {whole.path}", (Edit(workdir.path.span, whole.path),), safe=whole.certain)


RULE = Rule(
    code="DL3000",
    title="WORKDIR takes an absolute path.",
    level=Level.ERROR,
    why=(
        "A relative WORKDIR is taken from the one before it, or from the one of the base image, which stands in "
        "another file and may change with it. Whoever reads the line does not know where the files end up; "
        "an absolute path says so, and stays right when lines above it move."
    ),
    check=check,
    fixable=True,
    aliases=("WorkdirRelativePath",),
    bad=(
        "FROM debian:12\nWORKDIR app\n",
        "FROM debian:12\nWORKDIR /srv\nWORKDIR app\n",
        'FROM scratch\nWORKDIR "./app"\n',
        "FROM debian:12\nWORKDIR app$V\n",
        "FROM debian:12 AS base\nWORKDIR /srv\nFROM base\nWORKDIR ../app\n",
    ),
    good=(
        "FROM debian:12\nWORKDIR /srv/app\n",
        'FROM debian:12\nWORKDIR "/srv/app"\n',
        "FROM debian:12\nENV APP=/srv\nWORKDIR $APP/bin\n",
        "FROM debian:12\nWORKDIR C:\\\\app\n",
        "FROM debian:12\nONBUILD WORKDIR app\n",
    ),
)
