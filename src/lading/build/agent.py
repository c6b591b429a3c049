"""The socket of an SSH agent, forwarded into a container.

The agent's own socket lets only its owner in; the one that is made here belongs to whom the command runs as.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

from lading.build import sockets

_PIECE = 65536
# An agent is asked for a signature at a time; what opens more connections is up to something else.
_MAX_CONNECTIONS = 64


def listen(path: Path, mode: int, owner: tuple[int, int]) -> socket.socket:
    """Make a socket at a path, which nobody serves yet. Raises `OSError`."""
    listening = sockets.listen(path, _MAX_CONNECTIONS)
    path.chmod(mode)
    os.chown(path, *owner)
    return listening


def serve(listening: socket.socket, agent: Path) -> None:
    """Forward each connection to the agent; for as long as the process lives."""
    places = threading.BoundedSemaphore(_MAX_CONNECTIONS)
    while True:
        places.acquire()  # released by the thread
        theirs, _ = listening.accept()
        threading.Thread(target=_forward, args=(theirs, agent, places), daemon=True).start()


def _forward(theirs: socket.socket, agent: Path, places: threading.BoundedSemaphore) -> None:
    try:
        with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ours, suppress(OSError):
            with sockets.short(agent) as name:
                ours.connect(name)
            back = threading.Thread(target=_copy, args=(ours, theirs), daemon=True)
            back.start()
            _copy(theirs, ours)
            back.join()
    finally:
        places.release()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
