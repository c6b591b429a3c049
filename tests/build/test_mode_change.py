from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import needs
from lading.build import mode_change
from lading.errors import LadingError, MalformedError

Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
MODES = [0, 0o644, 0o755, 0o600, 0o4755, 0o2750, 0o1777, 0o7777, 0o111, 0o007]


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        pytest.param("755", 0o600, 0o755, id="octal"),
        pytest.param("4755", 0o600, 0o4755, id="setuid"),
        pytest.param("00000644", 0o755, 0o644, id="zeros"),
        pytest.param("u+x", 0o644, 0o744, id="add"),
        pytest.param("go-w", 0o666, 0o644, id="take"),
        pytest.param("a=rX", 0o600, 0o444, id="no-execution-where-there-was-none"),
        pytest.param("a=rX", 0o700, 0o555, id="execution-where-there-was-some"),
        pytest.param("u=rwX,go=rX", 0o640, 0o644, id="clauses"),
        pytest.param("g=u", 0o640, 0o660, id="copied"),
        pytest.param("g=u-w", 0o640, 0o640, id="copied-and-taken"),
        pytest.param("+t", 0o777, 0o1777, id="sticky"),
        pytest.param("o+st", 0o777, 0o777, id="nothing-special-for-others"),
        pytest.param("=", 0o7777, 0o1000, id="nothing-but-sticky-left"),
    ],
)
def test_files(text: str, before: int, after: int) -> None:
    assert mode_change.parse(text).apply(before, is_folder=False) == after


def test_folders_may_be_entered() -> None:
    assert mode_change.parse("go=rX").apply(0o600, is_folder=True) == 0o655


@pytest.mark.parametrize(
    "text", ["", "8", "77777", "0o755", "u", "u+y", "u+x,", ",", "x+u", "u+x g", "7_5", "٧", "-1"]
)
def test_wrong(text: str) -> None:
    with pytest.raises(MalformedError, match="is no mode"):
        mode_change.parse(text)


def _mine(text: str) -> list[int] | None:
    try:
        change = mode_change.parse(text)
    except LadingError:
        return None
    return [change.apply(mode, is_folder=is_folder) for mode in MODES for is_folder in (False, True)]


@needs.tool("go")
def test_docker(ask_docker: Ask) -> None:
    source = random.Random(7)
    texts = ["".join(source.choices("ugoa+-=rwxXst,+=", k=source.randint(1, 8))) for _ in range(6000)]
    texts = [text for text in texts if text[0] not in "01234567"]
    modes = [mode | is_folder for mode in MODES for is_folder in (0, 0o40000)]
    answers = ask_docker([{"kind": "mode", "text": text, "modes": modes} for text in texts])
    differing = {
        text: (mine, answer)
        for text, answer in zip(texts, answers, strict=True)
        if (mine := _mine(text)) != (None if answer["error"] else answer["modes"])
    }
    assert differing == {}
    assert sum(not answer["error"] for answer in answers) > 500
