from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from lading.inventory.pypi_name import normal


@pytest.mark.parametrize(
    ("name", "normalised"),
    [("Django", "django"), ("zope.interface", "zope-interface"), ("a-_.b", "a-b"), ("A__b--C", "a-b-c")],
)
def test_normal(name: str, normalised: str) -> None:
    assert normal(name) == normalised


@given(st.text("aB0-_.", min_size=1).map("x{}".format))
def test_as_packaging_does(name: str) -> None:
    assert normal(name) == canonicalize_name(name)
