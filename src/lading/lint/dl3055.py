"""DL3055: labels that are no git hash."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `hash` that are none."""
    return labels.ill_typed(subject, "hash", _is_valid, "a git hash of 7 or 40 lower case digits")


_DIGITS = frozenset("0123456789abcdef")
_LENGTHS = frozenset({7, 40})


def _is_valid(value: str) -> bool:
    return len(value) in _LENGTHS and set(value) <= _DIGITS


RULE = Rule(
    code="DL3055",
    title="A label that should be a git hash is none.",
    level=Level.WARNING,
    why=(
        "The configuration gives this label a type because something reads it. A value of another form is "
        "passed over there, or stops the tool that reads it, long after the image was built. A commit is "
        "named by its hash, all 40 digits of it or the first 7."
    ),
    check=check,
    config=Config(labels={"it": "hash"}),
    bad=(
        "FROM debian:12\nLABEL it=main\n",
        "FROM debian:12\nLABEL it=012345\n",
    ),
    good=(
        "FROM debian:12\nLABEL it=0123456\n",
        "FROM debian:12\nLABEL it=0123456789abcdef0123456789abcdef01234567\n",
        "FROM debian:12\nLABEL other=main\n",
    ),
)
