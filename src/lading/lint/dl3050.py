"""DL3050: labels that the schema does not have."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield labels that are not in the schema, if labels are strict."""
    if not subject.config.strict_labels:
        return
    for pair, name, _ in labels.pairs(subject):
        if name not in subject.config.labels:
            yield Found(
                pair.name.span, f"label {name[:80]} is not in the schema: leave it out, or add it there"
            )


RULE = Rule(
    code="DL3050",
    title="A label is not in the schema of the configuration.",
    level=Level.INFO,
    why=(
        "Who sets `strict-labels` wants images with these labels and no others, so that nobody relies on "
        "a label that only some images have. The rule does nothing where it is not set."
    ),
    check=check,
    config=Config(labels={"team": "text"}, strict_labels=True),
    bad=("FROM debian:12\nLABEL team=me other=1\n",),
    good=("FROM debian:12\nLABEL team=me\n",),
)
