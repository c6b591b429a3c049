from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.report.licenses import combined, expression, is_id, reference


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("MIT", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("mit or (isc and bsd-3-clause)", "MIT OR (ISC AND BSD-3-Clause)"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("GPL-2", "GPL-2.0-only"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("AGPL-3", "AGPL-3.0-only"),
        ("GFDL-1.3", "GFDL-1.3-only"),
        (" MIT ", "MIT"),
        ("GPL-9+", ""),
        ("Apache 2.0", ""),
        ("MIT OR", ""),
        ("MIT OR ISC OR", ""),
        ("", ""),
        ("ｍｉｔ", ""),
        ("(" * 11 + "MIT" + ")" * 11, ""),
        ("MIT OR " * 100 + "MIT", ""),
    ],
)
def test_expression(text: str, canonical: str) -> None:
    assert expression(text) == canonical


@given(st.text(max_size=60) | st.text("()+ MITORAND-.0", max_size=60))
def test_any_text_is_an_expression_or_none(text: str) -> None:
    canonical = expression(text)
    assert not canonical or expression(canonical) == canonical


@pytest.mark.parametrize(
    ("canonical", "told"),
    [("MIT", True), ("MIT OR ISC", False), ("LicenseRef-a", False), ("GPL-2.0+", False)],
)
def test_is_id(canonical: str, *, told: bool) -> None:
    assert is_id(canonical) is told


def test_references_are_readable_and_differ() -> None:
    assert reference("Apache 2.0").startswith("LicenseRef-lading-Apache-2.0-")
    assert reference("a b") != reference("a/b")
    assert reference("") != reference("\udcff")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), ("NOASSERTION", {})),
        (("", " "), ("NOASSERTION", {})),
        (("MIT", "mit"), ("MIT", {})),
        (("MIT OR ISC", "X11"), ("(MIT OR ISC) AND X11", {})),
        (("MIT OR ISC",), ("MIT OR ISC", {})),
        (("a\x1b",), (reference("a\x1b"), {reference("a\x1b"): r"a\x1b"})),
    ],
)
def test_combined(names: tuple[str, ...], told: tuple[str, dict[str, str]]) -> None:
    assert combined(names) == told
