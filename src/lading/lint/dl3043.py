"""DL3043: instructions that ONBUILD does not take."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile import words
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_REFUSED = frozenset({"ONBUILD", "FROM", "MAINTAINER"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield ONBUILDs with such an instruction, which the parser does not take apart."""
    for one in subject.file.instructions:
        inner = words.first(one.arguments)[0] if one.name == "ONBUILD" else None
        if inner is not None and inner.text.upper() in _REFUSED:
            name = inner.text.upper()
            message = f"ONBUILD cannot run {name}: write another instruction, or leave it out"
            yield Found(inner.whole(), message)


RULE = Rule(
    code="DL3043",
    title="ONBUILD has an instruction that it cannot run.",
    level=Level.ERROR,
    why=(
        "What follows ONBUILD is kept in the image and runs when another image is built upon it. A FROM, "
        "a MAINTAINER or another ONBUILD has no meaning there, and the builder refuses the file."
    ),
    check=check,
    bad=(
        "FROM debian:12\nONBUILD ONBUILD RUN make\n",
        "FROM debian:12\nONBUILD MAINTAINER me\n",
    ),
    good=(
        "FROM debian:12\nONBUILD RUN make\n",
        "FROM debian:12\nONBUILD COPY . /srv\n",
    ),
)
