from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import MalformedError
from lading.versions.nuget import key

NUMBER = st.sampled_from(["0", "1", "2", "10", "01"])
LABEL = st.one_of(
    NUMBER,
    st.sampled_from(["-1", "-0", "-2147483648", "2147483647", "2147483648", "4294967296"]),
    st.text("01aAzZ-", min_size=1, max_size=4),
)
VERSION = st.builds(
    lambda numbers, labels, metadata: (
        ".".join(numbers) + ("-" + ".".join(labels) if labels else "") + metadata
    ),
    st.lists(NUMBER, min_size=1, max_size=4),
    st.lists(LABEL, max_size=3),
    st.sampled_from(["", "+x", "+1.a"]),
)


def compare_labels(one: str, two: str) -> int:
    """Compare two labels as the documentation has it, a sentence a line."""
    values = [number(label) for label in (one, two)]
    if values[0] is not None and values[1] is not None:
        return (values[0] > values[1]) - (values[0] < values[1])
    if values[0] is not None or values[1] is not None:
        return -1 if values[0] is not None else 1
    return (one.upper() > two.upper()) - (one.upper() < two.upper())


def number(label: str) -> int | None:
    digits = label.removeprefix("-")
    return int(label) if digits.isdigit() and -(2**31) <= int(label) < 2**31 else None


def compare(one: str, two: str) -> int:
    """Compare two versions step by step, without keys."""
    (numbers_1, labels_1), (numbers_2, labels_2) = split(one), split(two)
    if numbers_1 != numbers_2:
        return 1 if numbers_1 > numbers_2 else -1
    if not labels_1 or not labels_2:
        return bool(labels_2) - bool(labels_1)
    for label_1, label_2 in zip(labels_1, labels_2, strict=False):
        if sign := compare_labels(label_1, label_2):
            return sign
    return (len(labels_1) > len(labels_2)) - (len(labels_1) < len(labels_2))


def split(version: str) -> tuple[list[int], list[str]]:
    numbers, _, pre_release = version.partition("+")[0].partition("-")
    padded = [int(digits) for digits in numbers.split(".")] + [0] * 3
    return padded[:4], pre_release.split(".") if pre_release else []


@settings(max_examples=700, deadline=None)
@given(one=VERSION, two=VERSION)
def test_the_documentation_agrees(one: str, two: str) -> None:
    assert (key(one) > key(two)) - (key(one) < key(two)) == compare(one, two)


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(VERSION, max_size=8))
def test_sorting(texts: list[str]) -> None:
    in_order = sorted(texts, key=functools.cmp_to_key(compare))
    assert [key(text) for text in in_order] == sorted(key(text) for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        "v1.0",
        "1.0.0.0.0",
        "1.",
        ".1",
        "1.0-",
        "1.0-a..b",
        "1.0-a.",
        "1.0+",
        "1.0-a_b",
        "1.0 a",
        "1.*",
        "[1.0]",
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a NuGet version: "):
        key(text)
