"""Labels, and the rules about those of the schema, as hadolint has them with the same schema."""

from __future__ import annotations

import pytest

from lading import lint
from lading.dockerfile.parse import parse
from lading.lint import checking, labels
from lading.lint.hadolint_config import Config
from lading.lint.subject import Subject

CONFIG = Config(labels={"author": "text", "h": "hash"}, strict_labels=True)
RULES = [lint.load(code) for code in ("DL3050", "DL3051", "DL3055")]


def test_names_and_values_are_without_quotes() -> None:
    subject = Subject(parse('FROM a\nLABEL "a"=\'b\' c=""\nLABEL d e\nONBUILD LABEL f=g\n'))
    assert [(name, value) for _, name, value in labels.pairs(subject)] == [("a", "b"), ("c", ""), ("d", "e")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("LABEL x=1", ["DL3050"]),
        ("LABEL author=1 x=2", ["DL3050"]),
        ("LABEL author=x", []),
        ("ONBUILD LABEL x=1 author=", []),
        ("LABEL author=$X", []),
        ('LABEL author= h=""', ["DL3051", "DL3051", "DL3055"]),
        ("LABEL h=main", ["DL3055"]),
        ('LABEL "h"=0123456', []),
    ],
)
def test_the_schema_is_held(text: str, codes: list[str]) -> None:
    found = checking.check(f"FROM a\n{text}\n".encode(), config=CONFIG, rules=RULES).findings
    assert sorted(one.code for one in found) == codes
    assert {one.line for one in found} <= {2}
