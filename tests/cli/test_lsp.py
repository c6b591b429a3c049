"""The command: how it begins and ends. What is said in between: test_lsp_server.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from editing import TIMEOUT_S, editor
from lading.cli.main import main
from program import Lading


@pytest.fixture
def program(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


def test_without_pygls_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert main(["lsp"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "lading: this needs pygls\n  install it with: pip install 'lading[lsp]'\n"


@pytest.mark.parametrize(
    ("said", "status"),
    [(["shutdown", "exit"], 0), (["exit"], 1), (["shutdown"], 0), ([], 1)],
    ids=lambda value: "-".join(value) or "nothing" if isinstance(value, list) else None,
)
def test_exit_status(program: Lading, said: list[str], status: int) -> None:
    """As the protocol has it, and by the end of the stream: 0 if `shutdown` was said before."""
    with editor(program, "--stdio") as started:
        started.initialize()
        for word in said:
            if word == "shutdown":
                started.ask(word)
            else:
                started.send(word)
        assert started.process.stdin
        started.process.stdin.close()
        assert started.process.wait(TIMEOUT_S) == status
        assert started.process.stderr
        assert started.process.stderr.read() == b""


def test_a_stream_that_ends_at_once(program: Lading) -> None:
    done = program("lsp", stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


@pytest.mark.parametrize("cut", [10, 25, 60])
def test_a_stream_that_ends_in_the_middle(program: Lading, cut: int) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"shutdown","params":null}'
    done = program("lsp", input=(b"Content-Length: %d\r\n\r\n" % len(body) + body)[:cut])
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_an_editor_that_reads_no_longer(program: Lading) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}'
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as stream:
        done = program("lsp", input=(b"Content-Length: %d\r\n\r\n" % len(body) + body) * 2, stdout=stream)
    assert (done.returncode, done.stderr) == (130, b""), "as for any command whose output nobody takes"


def test_interrupted(program: Lading) -> None:
    with editor(program) as started:
        started.initialize()
        started.diagnostics(started.open("FROM a\n"))
        started.process.send_signal(signal.SIGINT)
        assert started.process.wait(TIMEOUT_S) == 130
        assert started.process.stderr
        assert started.process.stderr.read() == b"lading: interrupted\n"


def test_started_by_hand_it_says_who_should(program: Lading) -> None:
    status, shown = program.on_terminal("lsp", typed=b"\x04")
    assert status == 1
    assert "this speaks with an editor" in shown


def test_a_configuration_that_is_not_there_is_told_to_the_editor(program: Lading) -> None:
    with editor(program, "--config", "gone.toml") as started:
        started.initialize()
        started.diagnostics(started.open("FROM a\n"))
        assert "gone.toml" in started.note("window/showMessage")["message"]
        started.leave()
