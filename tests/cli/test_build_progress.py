from __future__ import annotations

import contextlib
import json
import os
import pty
import sys
import threading

import pytest

from lading.build.events import Begun, Ended, Event, Output, Told
from lading.cli import build_progress

EVENTS: list[Event] = [
    Begun("one", 1, 2, 3, "RUN apt-get update \\\n  && true"),
    Output("one", 1, "first\nsecond \x1b[2J\n"),
    Output("one", 1, " 10%\r 90%\r100%\r\n"),
    Ended("one", 1, cached=False, seconds=1.26, size=12_300_000),
    Begun("one", 2, 2, 4, "COPY . ."),
    Ended("one", 2, cached=True, seconds=0.0),
    Told("a warning", warning=True),
    Told("a word"),
]


def _shown(choice: str, capsys: pytest.CaptureFixture[str], *, quiet: bool = False) -> list[str]:
    with build_progress.progress(choice, quiet=quiet, color=False) as progress:
        for event in EVENTS:
            progress.tell(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


@pytest.mark.parametrize("choice", ["plain", "auto"])
def test_lines(choice: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _shown(choice, capsys) == [
        "[one 1/2] RUN apt-get update \\ && true",
        "[one 1/2] | first",
        "[one 1/2] | second \\x1b[2J",
        "[one 1/2] | 100%",
        "[one 1/2] done in 1.3 s, 12.3 MB",
        "[one 2/2] COPY . .",
        "[one 2/2] cached",
        "lading: a warning",
        "lading: a word",
    ]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = [json.loads(line) for line in _shown("json", capsys)]
    assert [one["type"] for one in told] == [type(event).__name__ for event in EVENTS]
    assert told[0] == {
        "type": "Begun", "stage": "one", "step": 1, "total": 2, "line": 3, "text": "RUN apt-get update \\\n  && true",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [("tty", "auto"), ("rawjson", "json"), ("none", "quiet"), ("plain", "plain"), ("odd", "odd")],
)
def test_what_docker_calls_them(text: str, meant: str) -> None:
    assert build_progress.choice(text) == meant


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert _shown("plain", capsys, quiet=True) == ["lading: a warning"]


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):  # there is no more when the other side is closed
            while data := os.read(ours, 65536):
                shown.append(data)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        with pytest.raises(KeyboardInterrupt):
            _interrupted()
        monkeypatch.undo()
    reader.join(10)
    os.close(ours)
    text = b"".join(shown).decode()
    assert "[one 1/2] RUN apt-get update \\ && true  done in 1.3 s, 12.3 MB" in text
    assert "[one 2/2] COPY . .  cached" in text
    title, last = text.splitlines()[-2:]
    assert title.endswith("[one 1/1] RUN false")  # of what is at work, it is the one that failed
    assert last.strip() == "why it failed"
    assert "\x1b[2J" not in text


def _interrupted() -> None:
    with build_progress.progress("auto", quiet=False, color=False) as progress:
        for event in EVENTS:
            progress.tell(event)
        progress.tell(Begun("one", 1, 1, 1, "RUN false"))
        progress.tell(Output("one", 1, "why it failed\n"))
        raise KeyboardInterrupt
