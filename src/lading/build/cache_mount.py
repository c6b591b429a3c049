"""Directories that outlive a build (`RUN --mount=type=cache`): made, and held while a command uses them.

Each has a lock beside it: `shared` holds it with others, `locked` alone. `private` takes the first of
`NAME`, `NAME.1` ... that nobody holds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

from lading.build.copying import copy_tree
from lading.build.disk import remove
from lading.build.run_spec import Cache, Mount
from lading.errors import LimitError, StoppedError, UnavailableError

_MAX_PRIVATE = 1000
_POLL_S = 0.05


@contextmanager
def held(mounts: Sequence[Mount], stopped: Callable[[], bool] = lambda: False) -> Iterator[tuple[Mount, ...]]:
    """Give the mounts, with the directories of caches made and held until the end.

    stopped: tells whether to give up waiting. Raises `StoppedError` then, `UnavailableError` for a directory
    that cannot be made.
    """
    found = list(mounts)
    caches = [(at, one) for at, one in enumerate(found) if isinstance(one, Cache)]
    with ExitStack() as stack:
        # All in one order, so that no two commands wait for each other; alone before together.
        by_directory: dict[str, list[tuple[int, Cache]]] = {}
        for at, cache in sorted(caches, key=lambda pair: (pair[1].directory, pair[1].sharing)):
            by_directory.setdefault(cache.directory, []).append((at, cache))
        for directory, users in by_directory.items():
            try:
                taken = _take(stack, users[0][1], stopped)
                for at, cache in users:
                    found[at] = msgspec.structs.replace(cache, directory=taken)
            except OSError as error:
                raise UnavailableError(f"no cache can be kept there: {error.strerror}", directory) from error
        yield tuple(found)


def _take(stack: ExitStack, cache: Cache, stopped: Callable[[], bool]) -> str:
    Path(cache.directory).parent.mkdir(parents=True, exist_ok=True)
    if cache.sharing == "private":
        taken = _first_free(stack, cache.directory)
    else:
        taken = cache.directory
        kind = fcntl.LOCK_EX if cache.sharing == "locked" else fcntl.LOCK_SH
        lock = _opened(stack, taken)
        while not _locked(lock, kind):
            if stopped():
                raise StoppedError("stopped while it waited for a cache that is in use", cache.target)
            time.sleep(_POLL_S)
    if not Path(taken).is_dir():
        _make(Path(taken), cache)
    return taken


def _first_free(stack: ExitStack, directory: str) -> str:
    for number in range(_MAX_PRIVATE):
        name = f"{directory}.{number}" if number else directory
        with ExitStack() as attempt:
            if _locked(_opened(attempt, name), fcntl.LOCK_EX):
                stack.enter_context(attempt.pop_all())
                return name
    raise LimitError(f"{_MAX_PRIVATE} commands use this cache at once", directory)


def _opened(stack: ExitStack, directory: str) -> int:
    lock = os.open(f"{directory}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    stack.callback(os.close, lock)
    return lock


def _locked(lock: int, kind: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
        return True
    return False


def _make(directory: Path, cache: Cache) -> None:
    """Make a directory that has its owner and mode from its first moment on."""
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=directory.parent))
    new = made / "new"
    try:
        if cache.beginning:
            copy_tree(cache.beginning, str(new))
        else:
            new.mkdir()
            os.chown(new, cache.uid, cache.gid)
            new.chmod(cache.mode)
        with suppress(OSError):  # somebody who shares it was faster, and has put something into it
            new.rename(directory)
    finally:
        remove(made)
    if not directory.is_dir():
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory))
