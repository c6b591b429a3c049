"""Instructions that another one of the same stage takes the place of."""

from __future__ import annotations

import pytest

from lading import lint
from lading.lint.fixing import fix

RULES = [lint.load(code) for code in ("DL3012", "DL4003", "DL4004", "DL3059")]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ('FROM a:1\nCMD ["a"]\nCMD ["b"]\n', 'FROM a:1\nCMD ["b"]\n'),
        ('FROM a:1\nCMD ["a"]\nCMD ["b"]\nCMD ["c"]', 'FROM a:1\nCMD ["c"]'),
        (
            'FROM a:1\n  ENTRYPOINT \\\n  ["a"]\n\nCMD b\nENTRYPOINT ["c"]\n',
            'FROM a:1\n\nCMD b\nENTRYPOINT ["c"]\n',
        ),
        ("FROM a:1\r\nHEALTHCHECK NONE\r\nHEALTHCHECK CMD b\r\n", "FROM a:1\r\nHEALTHCHECK CMD b\r\n"),
        ("FROM a:1\nCMD a\nFROM b:1\nCMD b\n", None),
        ("FROM a:1\n# for tests\nCMD a\nCMD b\n", None),
        ("FROM a:1\nCMD a \\\n# b\n  c\nCMD b\n", "FROM a:1\nCMD b\n"),
        ("FROM a:1\nCMD a\nONBUILD CMD b\n", None),
    ],
)
def test_what_does_not_count_is_taken_out(text: str, fixed: str | None) -> None:
    result = fix(text.encode(), rules=RULES)
    assert result.data.decode() == (text if fixed is None else fixed)
    assert result.faults == ()


def test_neighbours_that_it_leaves_are_no_fault() -> None:
    text = "FROM a:1\nRUN b\nCMD c\nRUN d\nCMD e\n"
    result = fix(text.encode(), rules=RULES)
    assert result.data == b"FROM a:1\nRUN b \\\n    && d\nCMD e\n"
    assert result.faults == ()
