from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.inventory.deb822 import paragraphs, pattern

WANTED = pattern("Package", "Version", "Multi-Arch")


def read(text: str) -> list[tuple[int, dict[str, str]]]:
    return list(paragraphs(text, WANTED, opening="package"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("\n\n\n", [], id="empty-lines"),
        pytest.param("Package: a\nVersion: 1\n", [(1, {"package": "a", "version": "1"})], id="one"),
        pytest.param("Package: a", [(1, {"package": "a"})], id="no-newline-at-the-end"),
        pytest.param("Package: a\n\nPackage: b\n", [(1, {"package": "a"}), (3, {"package": "b"})], id="two"),
        pytest.param(
            "\n\nPackage: a\n\n\n\nPackage: b\n",
            [(3, {"package": "a"}), (7, {"package": "b"})],
            id="more-lines",
        ),
        pytest.param(
            "Package: a\r\n\r\nPackage: b\r\n",
            [(1, {"package": "a"}), (3, {"package": "b"})],
            id="carriage-returns",
        ),
        pytest.param(
            "Package: a\nVersion: 1\nPackage: b\nVersion: 2\n",
            [(1, {"package": "a", "version": "1"}), (3, {"package": "b", "version": "2"})],
            id="missing-empty-line",
        ),
        pytest.param(
            "PACKAGE:a\nvErsion :  1  \n", [(1, {"package": "a", "version": "1"})], id="case-and-blanks"
        ),
        pytest.param("Package: a\n Version: 2\n\tVersion: 3\n", [(1, {"package": "a"})], id="continuation"),
        pytest.param(
            "Package: a\n \nVersion: 2\n", [(1, {"package": "a", "version": "2"})], id="blank-is-no-end"
        ),
        pytest.param("# Version: 2\nPackage: a\n", [(2, {"package": "a"})], id="comment"),
        pytest.param("Package-Type: x\nPackages: y\nXPackage: z\nPackage x\n", [], id="near-misses"),
        pytest.param("Version: 1\nVersion: 2\n", [(1, {"version": "1"})], id="first-of-two"),
        pytest.param(
            "Other: x\n\nX: y\nMulti-Arch: same\n", [(4, {"multi-arch": "same"})], id="others-left-out"
        ),
        pytest.param("Package:\nVersion:", [(1, {"package": "", "version": ""})], id="no-values"),
    ],
)
def test_paragraphs(text: str, expected: list[tuple[int, dict[str, str]]]) -> None:
    assert read(text) == expected


def test_a_repeated_field_opens_nothing_unless_it_is_said_to() -> None:
    assert list(paragraphs("Package: a\nPackage: b\n", WANTED)) == [(1, {"package": "a"})]


def slowly(text: str) -> list[tuple[int, dict[str, str]]]:
    """The same, line by line."""
    found: list[tuple[int, dict[str, str]]] = []
    current: tuple[int, dict[str, str]] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        name, colon, value = line.partition(":")
        key = name.rstrip(" \t").lower()
        if line in {"", "\r"}:
            current = None
        elif colon and key in {"package", "version", "multi-arch"}:
            if current is None or (key == "package" and key in current[1]):
                current = (number, {})
                found.append(current)
            current[1].setdefault(key, value.strip())
    return found


LINES = st.sampled_from(
    [
        "",
        "\r",
        " ",
        "Package: a",
        "package : b",
        "Version: 1",
        " Version: 2",
        "Multi-Arch: same",
        "X: y",
        "Package",
        ":",
    ]
)


@settings(max_examples=300)
@given(st.lists(LINES, max_size=12))
def test_equals_the_slow_way(lines: list[str]) -> None:
    text = "\n".join(lines)
    # A carriage return alone at the very end is no line, and may be told as one or not.
    if not text.endswith("\r"):
        assert read(text) == slowly(text)


@settings(max_examples=200)
@given(st.text(alphabet="Packge: \t\r\n\0x\u00e9", max_size=80))
def test_any_text(text: str) -> None:
    read(text)
