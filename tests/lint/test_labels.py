"""Labels, and the rules about those of the schema, as hadolint has them with the same schema."""

from __future__ import annotations

import pytest

from lading import lint
from lading.dockerfile.parse import parse
from lading.lint import checking, fixing, labels
from lading.lint.hadolint_config import Config, LabelType
from lading.lint.rule import Rule
from lading.lint.subject import Subject

CONFIG = Config(labels={"author": "text", "h": "hash"}, strict_labels=True)
RULES = [lint.load(code) for code in ("DL3050", "DL3051", "DL3055")]

TYPED: dict[LabelType, Rule] = {
    "url": lint.load("DL3052"),
    "rfc3339": lint.load("DL3053"),
    "spdx": lint.load("DL3054"),
    "hash": lint.load("DL3055"),
    "semver": lint.load("DL3056"),
    "email": lint.load("DL3058"),
}


def test_names_and_values_are_without_quotes() -> None:
    subject = Subject(parse('FROM a\nLABEL "a"=\'b\' c=""\nLABEL d e\nONBUILD LABEL f=g\n'))
    assert [(name, value) for _, name, value in labels.pairs(subject)] == [("a", "b"), ("c", ""), ("d", "e")]


def test_escapes_are_taken_off_and_variables_stay() -> None:
    subject = Subject(parse('FROM a\nLABEL a=x\\ y b="x"\'y\'z c="$V" d=${V:-"x"} $K=1\n'))
    assert [(name, value) for _, name, value in labels.pairs(subject)] == [
        ("a", "x y"),
        ("b", "xyz"),
        ("c", "$V"),
        ("d", '${V:-"x"}'),
        ("$K", "1"),
    ]


def test_the_stages_that_set_a_label_are_known() -> None:
    subject = Subject(parse("FROM a\nLABEL x=1 y=1\nFROM b\nONBUILD LABEL x=1\nFROM c\nLABEL x=2\n"))
    assert labels.carriers(subject) == {"x": {0, 2}, "y": {0}}


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


@pytest.mark.parametrize(
    ("kind", "written", "better"),
    [
        ("spdx", "mit", "MIT"),
        ("spdx", '"mit or apache-2.0"', '"MIT OR Apache-2.0"'),
        ("spdx", "'(GPL-3.0+ AND lgpl-2.1)'", "'(GPL-3.0-or-later AND LGPL-2.1-only)'"),
        ("spdx", "Apache", None),
        ("spdx", "GPL-2.0-only+", None),
        ("rfc3339", '"2024-05-31 16:30:00+0200"', '"2024-05-31T16:30:00+02:00"'),
        ("rfc3339", '"2024-05-31 16:30:00,5 UTC"', '"2024-05-31T16:30:00.5Z"'),
        ("rfc3339", "2024-05-31", None),
        ("rfc3339", "2024-02-31T16:30:00+0000", None),
        ("hash", "0123456789ABCDEF0123456789ABCDEF01234567", "0123456789abcdef0123456789abcdef01234567"),
        ("hash", "0123456789ab", "0123456"),
        ("hash", "012345", None),
        ("hash", "0123456789abcdef0123456789abcdef012345678", None),
        ("semver", "v1.2.3", "1.2.3"),
        ("semver", "v1.2", None),
        ("semver", '1."2".3.4', None),
        ("semver", 'v"1.2.3"', None),
        ("semver", "v$V", None),
        ("email", '"Me <me@example.com>"', '"me@example.com"'),
        ("email", "mailto:me@example.com", "me@example.com"),
        ("email", '"<Me> <me@example.com>"', None),
        ("url", "example.com", None),
    ],
)
def test_what_is_plain_is_mended(kind: LabelType, written: str, better: str | None) -> None:
    """Only where the value stands there in one piece, and only where the result is right."""
    config = Config(labels={"it": kind})
    before, after = (f"FROM a:1\nLABEL it={value} x=1\n" for value in (written, better or written))
    fixed = fixing.fix(before.encode(), unsafe=True, config=config, rules=TYPED.values())
    assert fixed.data.decode() == after


@pytest.mark.parametrize("kind", ["url", "rfc3339", "spdx", "hash", "semver", "email"])
@pytest.mark.parametrize(
    "value",
    [
        "a" * 60_000,
        "1." * 30_000,
        "(" * 60_000,
        "(" * 30_000 + ")" * 30_000,
        "a@" + "b." * 30_000,
        '"' + "a" * 60_000,
        "http://" + ":" * 60_000 + "@ ",
        "http://[" + "1:" * 30_000,
        "MIT OR " * 8000,
        "1.0.0-" + "a." * 30_000,
        "\0\udc80\x7f",
        "2024-05-31 " + "0" * 60_000,
    ],
)
def test_long_and_strange_values_are_looked_at(kind: LabelType, value: str) -> None:
    data = f"FROM a:1\nLABEL it='{value}'\n".encode(errors="surrogateescape")
    found = checking.check(data, config=Config(labels={"it": kind}), rules=TYPED.values()).findings
    assert [one.code for one in found] == [TYPED[kind].code]
