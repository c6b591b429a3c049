from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.versions._parts import NUMBERS, number

DIGITS = st.one_of(
    st.integers(0, 2000).map(str),
    st.text("019", min_size=1, max_size=6),
    st.integers(237, 242).map(lambda count: "1" + "0" * count),  # where the count of digits gets longer
)


@settings(max_examples=500, deadline=None)
@given(one=DIGITS, two=DIGITS)
def test_numbers_sort_by_value(one: str, two: str) -> None:
    keys = [number(digits.encode()) for digits in (one, two)]
    assert (keys[0] < keys[1], keys[0] == keys[1]) == (int(one) < int(two), int(one) == int(two))
    assert not (keys[1].startswith(keys[0]) and keys[0] != keys[1])
    assert keys[0][0] > 0


@pytest.mark.parametrize("digits", [b"", b"0", b"00", b"7", b"007", b"999", b"1000", b"9" * 2**15])
def test_the_table_holds_what_the_function_gives(digits: bytes) -> None:
    assert NUMBERS[digits] == number(digits)
    assert len(NUMBERS) < 1100
