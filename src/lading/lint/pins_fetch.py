"""What asks the indexes: addresses, limits, and a memory of a day, in this process and on disk.

Nothing here knows a format. A host that does not answer is not asked again for a minute, so that
twenty packages do not wait for twenty time limits.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from lading import net
from lading.errors import LadingError, LimitError, UnavailableError

DAY_S = 86_400
MAX_CACHED_BYTES = 64 * 2**20
_DOWN_S = 60
_RETRIES = 2
_GONE = (404, 410)
_OK = 200
# Of what is stored: raised whenever its form changes.
_FORMAT = 1
_T = TypeVar("_T")


class Unknown(msgspec.Struct, frozen=True):
    """Why a version is not known, in one line.

    absent: the index was asked and does not have the name; else it could not be asked.
    """

    reason: str
    absent: bool = False


Pinned = dict[str, str | Unknown]
"""Version, or digest, or why there is none, by the name that was asked for."""


class Fetch:
    """Gets documents of indexes, and keeps what was made of them.

    make_client: told whether certificates may be wrong; called once, with the first request.
    cache_dir: where answers are kept for a day; None for nowhere. A cache that cannot be read or
        written is done without.
    offline: only what is kept is used. now: seconds since 1970, handed in so that tests need no time.
    """

    def __init__(
        self,
        make_client: Callable[[bool], net.Client],
        *,
        cache_dir: Path | None = None,
        offline: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.offline = offline
        self._make_client = make_client
        self._client: net.Client | None = None
        self._folder = None if cache_dir is None else cache_dir / "pins"
        self._now = now
        self._kept: dict[str, tuple[float, object]] = {}
        self._down: dict[str, tuple[float, LadingError]] = {}
        self._swept = False

    @contextmanager
    def open(self, url: str, accept: str = "") -> Iterator[net.Response | None]:
        """Give the response to a GET; None where there is no such document.

        Raises `UnavailableError` when offline, and whatever `net.Client.open` raises.
        """
        with self.guarded(url):
            client = self._one_client()
            headers = {"Accept": accept} if accept else {}
            response = client.open("GET", url, headers=headers, ok=(_OK, *_GONE), retries=_RETRIES)
            if response.status != _OK:
                response.discard()
                yield None
                return
            with response:
                yield response

    def bytes(self, url: str, max_bytes: int, accept: str = "") -> bytes | None:
        """Return a document; None where there is none. Raises as `open`, and `LimitError`."""
        with self.open(url, accept) as response:
            return None if response is None else response.read_all(max_bytes)

    @contextmanager
    def guarded(self, url: str) -> Iterator[None]:
        """Refuse at once what is offline or was down a moment ago; remember what goes down."""
        host = urlsplit(url).netloc
        if self.offline:
            raise UnavailableError(
                "offline, and not known from before", host, "go online once, or pin by hand"
            )
        when, error = self._down.get(host, (0.0, None))
        if error is not None and 0 <= self._now() - when < _DOWN_S:
            raise UnavailableError(error.message, error.where, error.hint)
        try:
            yield
        except UnavailableError as failure:
            self._down[host] = (self._now(), failure)
            raise

    def remembered(self, key: str, kind: type[_T], make: Callable[[], _T | None]) -> _T | None:
        """Return what `make` returned for `key` less than a day ago, else what it returns now.

        key: names the document and what was made of it. kind: how msgspec reads it back. What is None
        is kept in memory only: a name may be there tomorrow. Raises what `make` raises.
        """
        if key in self._kept and self._fresh(self._kept[key][0]):
            return cast("_T | None", self._kept[key][1])
        value = self._from_disk(key, kind)
        if value is None:
            value = make()
            if value is not None:
                self._to_disk(key, value)
            self._kept[key] = (self._now(), value)
        return value

    def _one_client(self) -> net.Client:
        if self._client is None:
            self._client = self._make_client(False)
        return self._client

    def _fresh(self, when: float) -> bool:
        return 0 <= self._now() - when < DAY_S

    def _path(self, key: str) -> Path | None:
        name = hashlib.sha256(f"{_FORMAT} {key}".encode("utf-8", "replace")).hexdigest()
        return None if self._folder is None else self._folder / name

    def _from_disk(self, key: str, kind: type[_T]) -> _T | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            with path.open("rb") as stream:
                raw = stream.read(MAX_CACHED_BYTES + 1)
            form: Any = tuple[float, str, kind]  # type: ignore[valid-type]  # a type made while running
            when, named, value = msgspec.msgpack.decode(raw, type=form)
        except (OSError, msgspec.DecodeError, RecursionError):
            return None
        if named != key or not self._fresh(when):
            return None
        self._kept[key] = (when, value)
        result: _T = value
        return result

    def _to_disk(self, key: str, value: object) -> None:
        path = self._path(key)
        data = msgspec.msgpack.encode((self._now(), key, value))
        if path is None or len(data) > MAX_CACHED_BYTES:
            return
        import tempfile

        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sweep(path.parent)
            descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(data)
                Path(name).replace(path)
            except OSError:
                Path(name).unlink()

    def _sweep(self, folder: Path) -> None:
        """Remove what is too old to be used, once per process."""
        if self._swept:
            return
        self._swept = True
        for path in folder.iterdir():
            with suppress(OSError):
                if not -DAY_S < self._now() - path.stat().st_mtime < DAY_S:
                    path.unlink()


def each(names: Iterable[str], find: Callable[[str], str | Unknown]) -> Pinned:
    """Return what `find` says for each name; an error becomes the reason for that name alone."""
    found: Pinned = {}
    for name in names:
        try:
            found[name] = find(name)
        except LadingError as error:
            found[name] = refused(error)
    return found


def refused(error: LadingError) -> Unknown:
    """Return an error as a reason, in one line."""
    hint = f" ({error.hint})" if error.hint else ""
    return Unknown("".join(char if char.isprintable() else " " for char in f"{error}{hint}")[:500])


def bounded(pieces: Iterable[bytes], max_bytes: int, where: str) -> Iterator[bytes]:
    """Yield the pieces. Raises `LimitError` when there are more than `max_bytes` in all."""
    left = max_bytes
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise LimitError(f"the index has more than {max_bytes >> 20} MiB", where)
        yield piece
