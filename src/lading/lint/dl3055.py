"""DL3055: labels that are no git hash."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `hash` that are none."""
    should_be = "a git hash of 7 or 40 lower case digits"
    return labels.ill_typed(subject, "hash", _is_valid, should_be, _mended)


_DIGITS = frozenset("0123456789abcdef")
_SHORT, _LONG = 7, 40


def _is_valid(value: str) -> bool:
    return len(value) in {_SHORT, _LONG} and set(value) <= _DIGITS


def _mended(value: str) -> str:
    """Return the hash in lower case, and what is shorter than a whole one as short as it is to be."""
    lower = value.strip().lower()
    return lower if len(lower) == _LONG else lower[:_SHORT] if len(lower) < _LONG else value


RULE = Rule(
    code="DL3055",
    title="A label that should be a git hash is none.",
    level=Level.WARNING,
    why=labels.why(
        "A commit is named by its hash, all 40 digits of it or the first 7.",
        "https://git-scm.com/book/en/v2/Git-Tools-Revision-Selection",
    ),
    check=check,
    fixable=True,
    config=Config(labels={"it": "hash"}),
    bad=(
        "FROM debian:12\nLABEL it=main\n",
        "FROM debian:12\nLABEL it=012345\n",
        "FROM debian:12\nLABEL it=0123456789AB\n",
    ),
    good=(
        "FROM debian:12\nLABEL it=0123456\n",
        "FROM debian:12\nLABEL it=0123456789abcdef0123456789abcdef01234567\n",
        "FROM debian:12\nLABEL other=main\n",
    ),
)
