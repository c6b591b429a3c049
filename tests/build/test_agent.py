"""A forwarded agent: what is said on one side arrives on the other; and the real ssh-add, in a container."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
import running
from lading.build import agent
from lading.build.run_spec import Agent, Volume


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Path]:
    """An agent that says everything again, louder."""
    path = tmp_path / "agent"
    with agent.listen(path, 0o600, (os.getuid(), os.getgid())) as listening:

        def answer(theirs: socket.socket) -> None:
            with theirs:
                while said := theirs.recv(65536):
                    theirs.sendall(said.upper())

        def accept() -> None:
            while True:
                try:
                    theirs, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(theirs,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield path


def _connected(path: Path) -> socket.socket:
    own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    own.settimeout(30)
    own.connect(str(path))
    return own


def _forwarded(folder: Path, target: Path) -> Path:
    path = folder / "forwarded"
    listening = agent.listen(path, 0o640, (os.getuid(), os.getgid()))
    threading.Thread(target=agent.serve, args=(listening, target), daemon=True).start()
    return path


def test_both_ways(tmp_path: Path, echo: Path) -> None:
    path = _forwarded(tmp_path, echo)
    assert path.stat().st_mode & 0o7777 == 0o640
    with _connected(path) as one, _connected(path) as two:
        for own, said in ((one, b"first"), (two, b"second"), (one, b"third")):
            own.sendall(said)
            assert own.recv(100) == said.upper()
        one.shutdown(socket.SHUT_WR)
        assert one.recv(100) == b""
        two.sendall(b"still")
        assert two.recv(100) == b"STILL"


def test_more_than_fits_into_the_way(tmp_path: Path, echo: Path) -> None:
    data = b"x" * 5_000_000
    with _connected(_forwarded(tmp_path, echo)) as own:
        threading.Thread(target=own.sendall, args=(data,)).start()
        got = 0
        while got < len(data):
            piece = own.recv(1 << 20)
            assert piece.strip(b"X") == b""
            assert piece
            got += len(piece)


def test_an_agent_that_is_gone(tmp_path: Path) -> None:
    path = _forwarded(tmp_path, tmp_path / "nobody")
    for _ in range(100):
        with _connected(path) as own:
            assert own.recv(1) == b""


def test_paths_longer_than_an_address(tmp_path: Path, echo: Path) -> None:
    folder = tmp_path / ("long" * 40) / ("er" * 60)
    folder.mkdir(parents=True)
    path = _forwarded(folder, echo)
    short = tmp_path / "s"
    short.symlink_to(folder)
    with _connected(short / path.name) as own:
        own.sendall(b"a")
        assert own.recv(1) == b"A"


@needs.tool("ssh-agent", "ssh-add", "ssh-keygen")
@pytest.mark.skipif(
    not Path("/lib64").exists(), reason="the machine's programs are not where this test shows them"
)
def test_ssh_add_in_a_container(tmp_path: Path, alpine: Path) -> None:
    """As a user who is not the agent's owner."""
    do = running.runner(tmp_path, [alpine])
    own = tmp_path / "ssh"
    own.mkdir()
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(own / "agent")], stdout=subprocess.DEVNULL
    ) as process:
        try:
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the key", "-f", own / "key"],
                check=True,
            )
            subprocess.run(
                ["ssh-add", "-q", own / "key"],
                check=True,
                env={**os.environ, "SSH_AUTH_SOCK": str(own / "agent")},
            )
            programs = (
                Volume(target="/usr", source="/usr", read_only=True),
                Volume(target="/lib", source=str(Path("/lib").resolve()), read_only=True),
                Volume(target="/lib64", source=str(Path("/lib64").resolve()), read_only=True),
            )
            forwarded = Agent(
                target="/run/buildkit/ssh_agent.0", socket=str(own / "agent"), uid=1000, gid=1000
            )
            ended = do.words(
                ("/usr/bin/ssh-add", "-l"),
                uid=1000, gid=1000, mounts=(*programs, forwarded),
                env={**running.ENVIRONMENT, "SSH_AUTH_SOCK": "/run/buildkit/ssh_agent.0"},
            )  # fmt: skip
        finally:
            process.terminate()
    assert ended.status == 0, do.output
    assert "the key (ED25519)" in do.output
    assert [name for name in do.changed() if "buildkit" in name] == []
