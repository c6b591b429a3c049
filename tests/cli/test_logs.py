from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator

import pytest

from lading.cli import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    held = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = held


def test_log_records() -> None:
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "%s is \r%s", ("a\tb", "odd"), None)
    assert logs.Formatter().format(record) == "lading: a b is  odd"


def test_a_traceback_keeps_its_lines() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("why")
    traceback = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "odd", (), traceback)
    first, *more = logs.Formatter().format(record).splitlines()
    assert (first, more[0], more[-1]) == (
        "lading: odd",
        "Traceback (most recent call last):",
        "ValueError: invalid literal for int() with base 10: 'why'",
    )


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        ({}, "lading: odd\nlading: wrong\n"),
        ({"quiet": True}, "lading: wrong\n"),
        ({"debug": True}, "lading: what is done\nlading: odd\nlading: wrong\n"),
    ],
    ids=["as-usual", "quiet", "debug"],
)
def test_as_much_as_was_asked_for(
    flags: dict[str, bool], seen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.begin(argparse.Namespace(**{"debug": False, "quiet": False, **flags}))
    logger = logging.getLogger("lading.x")
    logger.debug("what is %s", "done")
    logger.warning("odd")
    logger.error("wrong")
    assert capsys.readouterr().err == seen
