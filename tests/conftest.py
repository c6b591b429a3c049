"""Fixtures that more than one package's tests use."""

from __future__ import annotations

import pytest


@pytest.fixture
def nothing_may_be_missing() -> None:
    pytest.fail("a program that this test runs is not installed (and LADING_NO_SKIP is set)")
