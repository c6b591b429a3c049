"""DL3048: label keys that break Docker's rules."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import labels
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_ENDS = _LETTERS | frozenset("0123456789")
_ALLOWED = _ENDS | frozenset(".-_/")
_RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")


def check(subject: Subject) -> Iterator[Found]:
    """Yield keys of labels that are not as they should be."""
    for pair, name, _ in labels.pairs(subject):
        if not _is_valid(name):
            message = f"{name[:80]} is no label key: use lower case letters, digits, dots and dashes"
            yield Found(pair.name.span, message)


def _is_valid(name: str) -> bool:
    ends = name[:1] in _LETTERS and name[-1:] in _ENDS and set(name) <= _ALLOWED
    return ends and ".." not in name and "--" not in name and not name.startswith(_RESERVED)


RULE = Rule(
    code="DL3048",
    title="A label has a key that it should not have.",
    level=Level.STYLE,
    why=(
        "Tools find labels by their keys, and agree upon how these look: lower case, beginning with a "
        "letter, ending with a letter or digit, parted by single dots and dashes. Some namespaces belong "
        "to Docker. A key of another form is found by nobody, or clashes with what a tool sets. "
        "https://docs.docker.com/engine/manage-resources/labels/"
    ),
    check=check,
    bad=(
        "FROM debian:12\nLABEL Maintainer=me\n",
        "FROM debian:12\nLABEL com.docker.team=me\n",
        "FROM debian:12\nLABEL a..b=1\n",
    ),
    good=(
        "FROM debian:12\nLABEL org.example.team=me\n",
        "FROM debian:12\nLABEL build-number=1\n",
        "FROM debian:12\nONBUILD LABEL Team=me\n",
    ),
)
