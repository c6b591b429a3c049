"""Fixtures that more than one package's tests use."""

from __future__ import annotations

import gc

import pytest

# A destructor that is run where a test has filled the stack fails, and the test with it: collect seldom.
gc.set_threshold(200_000, 20, 20)


@pytest.fixture
def nothing_may_be_missing() -> None:
    pytest.fail("a program that this test runs is not installed (and LADING_NO_SKIP is set)")
