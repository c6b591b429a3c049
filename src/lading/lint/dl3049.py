"""DL3049: labels of the schema that are missing."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import labels, lacking
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every label of the schema, once for each stage whose image lacks it."""
    carriers = labels.carriers(subject)
    givers = lacking.givers(subject)
    for name in subject.config.labels:
        for stage in lacking.stages(subject, carriers.get(name, ()), givers):
            yield Found(stage.base.image.span, f"label {name[:80]} is missing: set it with LABEL")


RULE = Rule(
    code="DL3049",
    title="A label of the schema is missing.",
    level=Level.INFO,
    why=(
        "The configuration names the labels that images have to carry, for something reads them: a catalogue, a "
        "bill of costs, whoever looks for the owner at night. An image without them is not found there. A stage has "
        "the labels of the stage that it is built upon; one that only gives files or a base to others needs none."
    ),
    check=check,
    config=Config(labels={"team": "text", "version": "semver"}),
    bad=(
        "FROM debian:12\n",
        "FROM debian:12\nLABEL team=me\n",
        "FROM debian:12\nLABEL team=me version=1.0.0\nFROM debian:12\n",
        "FROM debian:12\nONBUILD LABEL team=me version=1.0.0\n",
        "FROM debian:12 AS base\nFROM base\nLABEL team=me version=1.0.0\nFROM base\n",
    ),
    good=(
        "FROM debian:12\nLABEL team=me version=1.0.0\n",
        "FROM debian:12\nLABEL team=me\nLABEL version 1.0.0\n",
        "FROM debian:12 AS base\nLABEL team=me\nFROM base\nLABEL version=1.0.0\n",
        "FROM golang:1 AS build\nFROM debian:12\nLABEL team=me version=1.0.0\nCOPY --from=build /a /a\n",
        "FROM debian:12 AS base\nFROM base AS one\nLABEL team=me version=1.0.0\nFROM one AS two\n",
    ),
)
