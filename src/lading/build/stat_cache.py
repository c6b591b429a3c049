"""Digests of files that are known to be as they were: from one build to the next, without reading them.

A file counts as unchanged if size, times, inode and device are the same. The kernel stamps a change with a clock that
ticks, so that two changes may get the same time; and file systems keep times as coarse as two seconds (FAT). So
nothing is kept of a file that was changed less than that before it was read: it is read again. What cannot
be seen is a change that leaves no trace in the inode's change time, which a program cannot set.

    <place>/<hash of the root>/files.<version>   digest by a hash over path and stamp
    <place>/<hash of the root>/trees.<version>   digest of all that is in a directory, by a hash over its files' stamps
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

_T = TypeVar("_T")

_VERSION = 1
_COARSEST_NS = 2 * 10**9
_MAX_TREES = 256
_MAX_FILES = 4_000_000
_FEW = 10_000
_MAX_ROOTS = 64
_SCHEME = "surrogateescape"

Stamp = tuple[int, int, int, int, int]
"""Size, time of modification, of change (both in ns), inode, device."""


class StatCache:
    """The digests of one root. Threads may share it; of processes the last to save wins.

    clock: nanoseconds since 1970, such as the file system stamps changes with.
    """

    def __init__(self, place: Path, root: str, clock: Callable[[], int] = time.time_ns) -> None:
        self._place = place
        self._folder = place / hashlib.sha256(root.encode("utf-8", _SCHEME)).hexdigest()[:32]
        self._clock = clock
        self._trees: dict[bytes, bytes] | None = None
        self._before: dict[bytes, bytes] | None = None  # what was kept of files, and has not been asked for
        self._files: dict[bytes, bytes] = {}
        self._fresh_trees: dict[bytes, bytes] = {}
        self._has_learnt = False

    def now(self) -> int:
        """Return the time to hand in as `began` when something is read from now on."""
        return self._clock()

    def tree(self, stamps: bytes) -> bytes | None:
        """Return the digest of a directory whose files have these stamps, as a hash; None if it is not known."""
        if self._trees is None:
            self._trees = _read(self._folder / f"trees.{_VERSION}", dict[bytes, bytes]) or {}
        return self._trees.get(stamps)

    def learn_tree(self, stamps: bytes, digest: bytes, newest: int, began: int) -> None:
        """Keep the digest of a directory. newest: the latest time of change in it. began: `now`, before."""
        if newest + _COARSEST_NS < began:
            self._fresh_trees[stamps] = digest

    def file(self, path: str, stamp: Stamp) -> bytes | None:
        """Return the digest of a file; None if it is not known with this stamp."""
        if self._before is None:
            self._before = _read(self._folder / f"files.{_VERSION}", dict[bytes, bytes]) or {}
        key = _key(path, stamp)
        known = self._before.pop(key, None)
        if known is None:
            return self._files.get(key)
        self._files[key] = known
        return known

    def learn_file(self, path: str, stamp: Stamp, digest: bytes, began: int) -> None:
        """Keep the digest of a file. stamp: the same before and after it was read. began: `now`, before."""
        if stamp[2] + _COARSEST_NS < began:
            self._files[_key(path, stamp)] = digest
            self._has_learnt = True

    def save(self) -> None:
        """Write what has been learnt; where that is not possible, the next build reads the files again."""
        try:
            if self._fresh_trees:
                trees = {**(self._trees or {}), **self._fresh_trees}
                _write(self._folder / f"trees.{_VERSION}", dict(list(trees.items())[-_MAX_TREES:]))
            if self._has_learnt:
                # What was not asked for may be of files that this build did not need, or that are gone.
                before = self._before or {}
                if len(before) > 3 * len(self._files) + _FEW or len(before) + len(self._files) > _MAX_FILES:
                    before = {}
                _write(self._folder / f"files.{_VERSION}", {**before, **self._files})
            if self._fresh_trees or self._has_learnt:
                self._tidy()
        except OSError:
            return

    def _tidy(self) -> None:
        """Remove what is known of the roots that have not been built from for the longest time."""
        roots = sorted(self._place.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in roots[:-_MAX_ROOTS]:
            shutil.rmtree(path, ignore_errors=True)


def _key(path: str, stamp: Stamp) -> bytes:
    known = hashlib.blake2b(b"%d %d %d %d %d " % stamp, digest_size=16)
    known.update(path.encode("utf-8", _SCHEME))
    return known.digest()


def _read(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(content))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
