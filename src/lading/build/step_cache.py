"""What earlier builds have made: by the key of a step, its layer, and the digests of what steps read.

A file for each, written beside and renamed, so that any number of builds may share the folder. It may be
lost at any time: then steps are carried out again.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from lading.build.chain import LayerRef
from lading.oci.beside import writing

_STEPS, _DIGESTS = "steps", "digests"
_DAY_S = 86_400


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a step came to. layer: None where no file has changed. created: RFC 3339."""

    layer: LayerRef | None
    created: str


class StepCache:
    """The records below a folder, which is made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def step(self, key: str) -> Record | None:
        """Return what is known of a step; None for nothing, or nothing that can be read."""
        raw = self._read(_STEPS, key)
        try:
            return None if raw is None else msgspec.json.decode(raw, type=Record)
        except msgspec.MsgspecError:
            return None

    def keep_step(self, key: str, record: Record) -> None:
        """Keep what a step came to. Raises `UnavailableError` or `DeniedError` where that cannot be written."""
        self._write(_STEPS, key, msgspec.json.encode(record))

    def digest(self, key: str) -> str:
        """Return the digest that was kept for something read; empty for none."""
        return (self._read(_DIGESTS, key) or b"").decode("ascii", "replace")

    def keep_digest(self, key: str, digest: str) -> None:
        """Keep the digest of something read. Raises as `keep_step`."""
        self._write(_DIGESTS, key, digest.encode())

    def steps(self) -> Iterator[tuple[str, Record]]:
        """Yield all steps that are known, with their keys."""
        for path in sorted(self._folder.glob(f"{_STEPS}/*/*")):
            record = self.step(path.name)
            if record is not None:
                yield path.name, record

    def prune(self, older_than_s: float = 0.0) -> int:
        """Forget what was not used for so long; return how much that was."""
        gone = 0
        limit = time.time() - older_than_s
        for path in (path for kind in (_STEPS, _DIGESTS) for path in self._folder.glob(f"{kind}/*/*")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= limit:
                    path.unlink()
                    gone += 1
        return gone

    def _read(self, kind: str, key: str) -> bytes | None:
        path = self._path(kind, key)
        try:
            raw = path.read_bytes()
            if time.time() - path.stat().st_mtime > _DAY_S:
                os.utime(path)
        except OSError:
            return None
        return raw

    def _write(self, kind: str, key: str, raw: bytes) -> None:
        path = self._path(kind, key)
        with writing(self._folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(raw)
                os.replace(beside, path)  # noqa: PTH105 - a str, and atomic
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(beside)  # noqa: PTH108 - likewise
                raise

    def _path(self, kind: str, key: str) -> Path:
        return self._folder / kind / key[:2] / key
