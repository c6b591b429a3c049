"""DL3051: labels without a value."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield labels of the schema whose value is empty."""
    for pair, name, value in labels.pairs(subject):
        if not value and name in subject.config.labels:
            yield Found(pair.name.span, f"label {name[:80]} is empty: give it a value")


RULE = Rule(
    code="DL3051",
    title="A label of the schema is empty.",
    level=Level.WARNING,
    why=(
        "The configuration names the labels that images have to carry. An empty one fulfils the letter of "
        "it and tells nobody anything: give it a value, from a build argument if it changes with each "
        "build."
    ),
    check=check,
    config=Config(labels={"team": "text"}),
    bad=(
        "FROM debian:12\nLABEL team=\n",
        'FROM debian:12\nLABEL team="" a=1\n',
    ),
    good=(
        "FROM debian:12\nLABEL team=me\n",
        "FROM debian:12\nLABEL other=\n",
    ),
)
