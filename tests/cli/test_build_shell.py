"""`--debug-shell`: a person at a terminal, where a RUN of a build has failed."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

import needs
from cli import stocked
from program import Lading
from terminals import Terminal

pytestmark = [needs.root(), needs.tool("crun")]

DOCKERFILE = "FROM alpine:3.10\nENV V=value PS1='# '\nRUN echo left > /left; exit 3\n"


@pytest.fixture(scope="module")
def build(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Lading:
    lading = Lading(tmp_path_factory.mktemp("shell"), {"LADING_OSV_URL": (published / "osv").as_uri()})
    stocked.tag(lading, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    context = lading.folder / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(DOCKERFILE)
    return lading


def _at(build: Lading, *more: str) -> Terminal:
    words = build.command(["build", "--debug-shell", *more, "context"])
    return Terminal(words, environ=build.environment({"TERM": "xterm"}), folder=build.folder)


@pytest.mark.parametrize("more", [(), ("--progress", "plain"), ("-q",)], ids=["live", "plain", "quiet"])
def test_the_state_that_a_command_has_left(build: Lading, more: tuple[str, ...]) -> None:
    with _at(build, *more) as at:
        modes = at.modes()
        at.until("(exit: go on)")
        at.until("# ")
        at.type("cat /left; echo $V-; stty size\n")
        at.until("left\r\nvalue-\r\n33 99\r\n")
        at.until("# ")
        at.resize(120, 40)
        at.type("stty size\n")
        at.until("40 120\r\n")
        at.until("# ")
        at.type("sh -c 'echo u''p; sleep 1000'\n")
        at.until("up\r\n")
        at.type("\x03")
        at.until("# ")
        at.type("exit\n")
        assert at.ended() == 3
        assert "exit status 3" in at.shown
        assert at.modes() == modes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_is_ended_from_outside(build: Lading, number: signal.Signals) -> None:
    with _at(build) as at:
        modes = at.modes()
        at.until("(exit: go on)")
        at.until("# ")
        assert at.modes() != modes
        os.kill(at.pid, number)
        assert at.ended() == 130
        assert "interrupted" in at.shown
        assert at.modes() == modes


def test_without_a_terminal(build: Lading) -> None:
    done = build("build", "--debug-shell", "context", stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert b"needs a terminal" in done.stderr
    words = ["sh", "-c", '"$@" <&-', "sh", *build.command(["build", "--debug-shell", "context"])]
    closed = subprocess.run(
        words, cwd=build.folder, env=build.environment(), capture_output=True, check=False
    )
    assert closed.returncode == 2
