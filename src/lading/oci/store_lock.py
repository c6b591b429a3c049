"""The locks of the local store: files that hold nothing, locked with flock(2).

Whoever adds blobs holds the lease, shared; whoever collects those that nothing refers to holds it
alone. The index is changed by one at a time. The system lets go of a lock when its process ends,
however it ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lading.errors import DeniedError, UnavailableError

_PAUSE_S = 0.05


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock at `path` alone; waits for it."""
    with _opened(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def shared(path: Path, alone: Callable[[], object]) -> Iterator[None]:
    """Hold the lock at `path` together with others.

    alone: called first if nobody else holds it, and nobody can while it runs.
    """
    with _opened(path) as lock:
        if _try(lock):
            alone()
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def sole(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock at `path` alone.

    Raises `UnavailableError` if others have it for longer than `patience_s`.
    """
    with _opened(path) as lock:
        until = time.monotonic() + patience_s
        while not _try(lock):
            if time.monotonic() >= until:
                raise UnavailableError(
                    "it is in use at the moment",
                    str(path.parent),
                    "try again when the other build or pull is done",
                )
            time.sleep(_PAUSE_S)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except PermissionError as error:
        raise DeniedError("no permission to change the store", str(path.parent)) from error
    except OSError as error:
        raise UnavailableError(f"the store cannot be locked: {error.strerror}", str(path.parent)) from error
    try:
        yield lock
    finally:
        os.close(lock)


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
