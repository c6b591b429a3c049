"""Descriptors sent through sockets, whose paths may be long."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lading.build import sockets


@pytest.fixture
def pipe() -> tuple[int, int]:
    return os.pipe()


def _is(received: int | None, descriptor: int) -> bool:
    assert received is not None
    same = os.path.sameopenfile(received, descriptor)
    assert not os.get_inheritable(received)
    os.close(received)
    return same


def test_a_line(pipe: tuple[int, int]) -> None:
    one, other = sockets.line()
    sockets.send(other, pipe[1])
    assert _is(sockets.receive(one), pipe[1])
    os.close(other)
    assert sockets.receive(one) is None
    with pytest.raises(BrokenPipeError):
        sockets.send(one, pipe[1])
    for descriptor in (one, *pipe):
        os.close(descriptor)


def test_one_that_comes_from_somebody(tmp_path: Path, pipe: tuple[int, int]) -> None:
    path = tmp_path / ("long" * 50) / "socket"
    path.parent.mkdir()
    with sockets.listen(path, 2) as listening:
        assert sockets.received(listening) is None
        for sends in (True, False):
            with socket.socket(socket.AF_UNIX) as theirs:
                with sockets.short(path) as name:
                    assert len(name) < 108
                    theirs.connect(name)
                if sends:
                    socket.send_fds(theirs, [b"/dev/ptmx"], [pipe[0]])
            if sends:
                assert _is(sockets.received(listening), pipe[0])
        assert sockets.received(listening) is None
    for descriptor in pipe:
        os.close(descriptor)
