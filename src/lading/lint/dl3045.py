"""DL3045: COPY to a relative path without WORKDIR."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from lading.dockerfile import execform
from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Copy, From, Workdir
from lading.lint import working_directory
from lading.lint.by_name import ByName
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_SPECIAL = frozenset("\"'\\$`")


def check(subject: Subject) -> Iterator[Found]:
    """Yield COPYs to a relative path in stages that have no WORKDIR yet."""
    known = ByName()
    for one in subject.file.instructions:
        if isinstance(one, From):
            known.begin(one)
        elif isinstance(one, Workdir):
            known.note()
        elif isinstance(one, Copy) and not known.has and _is_relative(one.target.value):
            target = one.target.value[:80]
            message = (
                f"{target} depends on the base's working directory: set WORKDIR, or copy to an absolute path"
            )
            yield Found(one.target.span, message, _fix(subject, one))


def _is_relative(target: str) -> bool:
    path = target.strip("\"'")
    return not path.startswith(("/", "$")) and path[1:3] not in {":/", ":\\"}


def _fix(subject: Subject, copy: Copy) -> Fix | None:
    path = copy.target.value
    before = working_directory.before(subject, copy)
    if before is None or not path or _SPECIAL & set(path):
        return None
    whole = "/" + normpath(f"{before.path}/{path}").lstrip("/")
    if (path.endswith("/") or path in {".", ".."}) and not whole.endswith("/"):
        whole += "/"
    text = execform.quoted(whole) if copy.is_json else whole
    return Fix(f"Copy to {whole}", (Edit(copy.target.span, text),), safe=before.certain)


RULE = Rule(
    code="DL3045",
    title="COPY has a relative target though no WORKDIR is set.",
    level=Level.WARNING,
    why=(
        "A relative target starts at the working directory, which is the one that the base image happens "
        "to have. A new version of the base may have another, and the files silently end elsewhere. Set "
        "WORKDIR before, or write where the files go."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nCOPY app .\n",
        'FROM debian:12\nCOPY ["app", "bin/"]\n',
        "FROM scratch\nCOPY app bin/app\n",
    ),
    good=(
        "FROM debian:12\nWORKDIR /srv\nCOPY app .\n",
        "FROM debian:12\nCOPY app /srv/\n",
        "FROM debian:12\nCOPY app $TARGET/\n",
        "FROM debian:12 AS base\nWORKDIR /srv\nFROM base\nCOPY app .\n",
    ),
)
