"""DL3056: labels that are no semantic version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_NUMBER = r"(?:0|[1-9][0-9]*)"
_BEFORE = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_BEFORE}(?:\.{_BEFORE})*)?(?:\+{_BUILD}(?:\.{_BUILD})*)?"
)


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `semver` that are none."""
    return labels.ill_typed(subject, "semver", _is_valid, "a semantic version, such as 1.2.3-rc.1", _mended)


def _is_valid(value: str) -> bool:
    return _VERSION.fullmatch(value) is not None


def _mended(value: str) -> str:
    return value.strip().lstrip("vV=")


RULE = Rule(
    code="DL3056",
    title="A label that should be a semantic version is none.",
    level=Level.WARNING,
    why=labels.why(
        "A semantic version has three numbers without zeros in front, and no `v`.",
        "https://semver.org/#semantic-versioning-200",
    ),
    check=check,
    fixable=True,
    config=Config(labels={"it": "semver"}),
    bad=(
        "FROM debian:12\nLABEL it=v1.2.3\n",
        "FROM debian:12\nLABEL it=1.2\n",
        'FROM debian:12\nLABEL it="1.2.3-rc.01"\n',
        "FROM debian:12\nLABEL it=${VERSION}\n",
    ),
    good=(
        "FROM debian:12\nLABEL it=1.2.3\n",
        "FROM debian:12\nLABEL it=1.2.3-rc.1+2024-05-31\n",
        "FROM debian:12\nLABEL it=1.0.0-0A.-.x\n",
        "FROM debian:12\nLABEL other=v1\n",
    ),
)
