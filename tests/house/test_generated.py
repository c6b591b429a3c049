"""The pages that the program makes are as it would make them now."""

from __future__ import annotations

import runpy
from collections.abc import Callable

import pytest

import needs

PAGES: dict[str, Callable[[], str]] = runpy.run_path(str(needs.ROOT / "docs" / "generate.py"))["PAGES"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_up_to_date(name: str) -> None:
    assert (needs.ROOT / "docs" / name).read_text("utf-8") == PAGES[name](), "run `make doc`"
