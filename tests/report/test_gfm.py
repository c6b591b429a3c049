from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.report import gfm
from lading.report.text import clean, clip
from report import factory
from report.rendered import Rendered

TEXTS = st.text(st.characters(), max_size=80) | st.sampled_from(factory.HOSTILE)


@given(TEXTS)
@settings(max_examples=300)
def test_text_is_shown_as_it_is(raw: str) -> None:
    shown = Rendered(f"| h |\n| --- |\n| before {gfm.text(raw)} |\n")
    assert shown.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert shown.rows[1][0].strip() == f"before {clip(clean(raw), 300)}".strip()


@given(TEXTS)
@settings(max_examples=300)
def test_code_is_shown_as_it_is(raw: str) -> None:
    shown = Rendered(f"| h |\n| --- |\n| {gfm.code(raw)} |\n")
    assert shown.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert shown.rows[1][0].strip() == clip(clean(raw), 120).strip()


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        pytest.param("@everyone", "@<!-- -->everyone", id="mention"),
        pytest.param("see #12", r"see \#<!-- -->12", id="issue"),
        pytest.param("http://x.example", "http:<!-- -->//x.example", id="link"),
        pytest.param("www.x.example", "www<!-- -->.x.example", id="link-without-scheme"),
        pytest.param("$x$", "$<!-- -->x$<!-- -->", id="mathematics"),
        pytest.param("1. x", r"1\. x", id="list"),
        pytest.param("1.2.3", "1.2.3", id="version"),
        pytest.param("- x", r"\- x", id="bullet"),
        pytest.param("a-b", "a-b", id="hyphen"),
    ],
)
def test_what_github_looks_for_after_the_markdown(raw: str, written: str) -> None:
    assert gfm.text(raw) == written
