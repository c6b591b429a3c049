from __future__ import annotations

import pytest

from lading.model.severity import Severity
from lading.report.paint import STYLES, Page, joined


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        pytest.param([("abc", ""), ("def", "")], "abcdef", id="fits"),
        pytest.param([("abcdef", ""), ("ghijkl", "")], "abcdefghi…", id="clipped"),
        pytest.param([("abcdefghijkl", ""), ("m", "")], "abcdefghi…", id="nothing-after-the-ellipsis"),
        pytest.param([("\x1b[1m", "")], r"\x1b[1m", id="escaped"),
        pytest.param([("a", ""), ("   ", "")], "a", id="no-spaces-at-the-end"),
        pytest.param([("漢字漢字漢", "")], "漢字漢字漢", id="wide-fits"),
        pytest.param([("漢字漢字漢字", "")], "漢字漢字…", id="wide-clipped"),
    ],
)
def test_line(pieces: list[tuple[str, str]], shown: str) -> None:
    page = Page(10, color=False)
    page.line(*pieces)
    assert page.text() == shown + "\n"


def test_colour() -> None:
    page = Page(10, color=True)
    page.line(("a", "bold"), (" ", "bold"), ("b", ""), ("c", Severity.LOW))
    assert page.text() == "\x1b[1ma\x1b[0m b\x1b[36mc\x1b[0m\n"


def test_every_severity_has_a_style() -> None:
    assert set(Severity) <= set(STYLES)


def test_flow_breaks_between_pieces() -> None:
    page = Page(10, color=False)
    page.flow(("one, ", ""), ("two, ", ""), ("three", ""))
    assert page.text() == "one, two,\nthree\n"


def test_blank_lines_do_not_add_up() -> None:
    page = Page(10, color=False)
    page.blank()
    page.line(("a", ""))
    page.blank()
    page.blank()
    page.line(("b", ""))
    assert page.text() == "a\n\nb\n"


def test_joined() -> None:
    assert joined(["a", "", "b"]) == "a, b"
    assert joined([], ": ") == ""
