"""DL3021: several sources are copied to what is not named as a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Copy
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

# What a shell would take for itself, and a comment at the end of a line.
_SHELL = re.compile(r"\|\|?|&&?|;|\d?>.*|#.*")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every COPY of several sources whose target does not end with a slash."""
    for one in subject.file.instructions:
        if isinstance(one, Copy) and len(one.sources) > 1 and not one.target.value.strip("\"'").endswith("/"):
            stray = next((word for word in (*one.sources, one.target) if _SHELL.fullmatch(word.value)), None)
            if stray is not None:
                message = f"no shell reads COPY: {stray.value[:80]} is a path here, as is all that follows"
                yield Found(stray.span, message)
                continue
            message = "several sources need a folder as their target: end it with /"
            yield Found(one.target.span, message, _fix(subject, one))


def _fix(subject: Subject, copy: Copy) -> Fix | None:
    written = subject.text(copy.target.span)
    if copy.target.value.endswith("\\") or not written:
        return None
    end = copy.target.span.end - (written[-1] in "\"'")
    # What a variable holds may end with a slash already, which makes no difference.
    return Fix("End the target with /", (Edit(Span(end, end), "/"),), safe=True)


RULE = Rule(
    code="DL3021",
    title="COPY of several sources needs a target that ends with a slash.",
    level=Level.ERROR,
    why=(
        "Several files can only be copied into a folder, and the builder takes a target for a folder if it ends "
        "with a slash. Without one it refuses, and a reader cannot tell whether a file or a folder is meant. "
        "A `|| true` or a comment behind the target is no such thing to the builder, but more paths."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nCOPY a b /srv/app\n",
        'FROM debian:12\nCOPY --chown=1000:1000 a b c "/srv/app"\n',
        'FROM debian:12\nCOPY ["a", "b", "/srv/app"]\n',
        "FROM debian:12\nWORKDIR /srv\nCOPY package.json lock.json .\n",
    ),
    good=(
        "FROM debian:12\nCOPY a b /srv/app/\n",
        "FROM debian:12\nCOPY a* /srv/app\n",
        'FROM debian:12\nCOPY ["a", "b", "/srv/app/"]\n',
        "FROM debian:12\nCOPY a b ${TARGET}/\n",
        "FROM debian:12\nONBUILD COPY a b /srv/app\n",
    ),
)
