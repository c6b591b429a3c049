from __future__ import annotations

import pytest

from lading.dockerfile import flag, typed
from lading.dockerfile.instruction import Flag
from lading.dockerfile.source import Span
from lading.dockerfile.words import Word

HERE = Span(3, 9)


def test_read() -> None:
    words = (Word("--a", HERE), Word("--b=", HERE), Word("--c=d=e", HERE))
    assert flag.read(words) == (Flag("a", None, HERE), Flag("b", "", HERE), Flag("c", "d=e", HERE))


@pytest.mark.parametrize(
    ("name", "given", "codes"),
    [
        ("COPY", ["from=a", "link", "exclude=x", "exclude=y"], []),
        ("COPY", ["link=False", "parents=true"], []),
        ("COPY", ["form=a"], ["flag-unknown"]),
        ("COPY", ["from=a", "from=a"], ["flag-duplicate"]),
        ("COPY", ["from"], ["flag-value"]),
        ("COPY", ["from="], []),
        ("COPY", ["link="], ["flag-value"]),
        ("COPY", ["link=1"], ["flag-value"]),
        ("ENV", ["a=b"], ["flag-unknown"]),
        ("ARG", ["a=b"], []),
        ("STOPSIGNAL", ["a"], []),
    ],
)
def test_check(name: str, given: list[str], codes: list[str]) -> None:
    flags = flag.read(tuple(Word(f"--{text}", HERE) for text in given))
    found = list(flag.check(name, flags))
    assert [problem.code for problem in found] == codes
    assert all(problem.span == HERE for problem in found)


def test_every_instruction_in_the_table_exists() -> None:
    assert set(flag.FLAGS) | flag.UNREAD <= typed.NAMES
