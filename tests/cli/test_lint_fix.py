from __future__ import annotations

from lading.cli.lint_fix import diff


def test_diff_of_nothing() -> None:
    assert list(diff("x", b"a\r\nb", b"a\r\nb")) == []
    assert list(diff("/x", b"a\rb", b"c"))[-2:] == [
        b"-a\rb\n\\ No newline at end of file\n",
        b"+c\n\\ No newline at end of file\n",
    ]
