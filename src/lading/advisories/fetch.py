"""Getting files from where advisories are published: `https://`, `http://` or `file://`.

An HTTP client is made by whoever calls, and only when the first URL needs one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Protocol, Self
from urllib.parse import quote, unquote, urlsplit

from lading import faults, net
from lading.errors import DeniedError, LimitError, UnavailableError, UsageError

_CHUNK_BYTES = 2**20
_OK, _NOT_MODIFIED = 200, 304

Progress = Callable[[int, int | None], None]


class Body(Protocol):
    """What bytes are read from."""

    def read(self, n: int, /) -> bytes:
        """Return up to `n` bytes; empty at the end."""
        ...


class Fetched(NamedTuple):
    """An open answer; use in a `with`.

    body: None if nothing has changed. tag: tells this state from others; empty if nothing does.
    length: bytes to come, None if unknown.
    """

    body: Body | None
    tag: str
    length: int | None
    close: Callable[[], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Fetcher:
    """Opens URLs below the bases that it is given. client: makes an HTTP client, once."""

    def __init__(self, client: Callable[[], net.Client]) -> None:
        self._make = client
        self._client: net.Client | None = None

    def open(self, url: str, tag: str = "") -> Fetched:
        """Return what a URL holds; nothing if it still is what `tag` was given for.

        Raises `UnavailableError` if there is nothing, `DeniedError`, `UsageError` for other schemes.
        """
        if url.startswith("file://"):
            return _open_file(_path(url), tag)
        if not url.startswith(("https://", "http://")):
            raise UsageError("advisories come from https://, http:// or file://", url)
        if self._client is None:
            self._client = self._make()
        headers = {_condition(tag): tag} if tag else {}
        response = self._client.open("GET", url, headers=headers, ok=(_OK, _NOT_MODIFIED) if tag else (_OK,))
        found = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
        length = response.headers.get("Content-Length", "")
        same = response.status == _NOT_MODIFIED
        return Fetched(
            None if same else response,
            tag if same else found,
            int(length) if length.isdecimal() and len(length) < 20 else None,  # noqa: PLR2004 -- 64 bits
            response.close,
        )

    def bytes(self, url: str, max_bytes: int) -> bytes:
        """Return all of a URL. Raises as `open`, and `LimitError` for more than `max_bytes`."""
        with self.open(url) as fetched:
            pieces = []
            left = max_bytes
            while fetched.body and (piece := fetched.body.read(_CHUNK_BYTES)):
                left -= len(piece)
                if left < 0:
                    raise LimitError(f"more than {max_bytes} bytes", faults.redact(url))
                pieces.append(piece)
            data = b"".join(pieces)
            _check_length(url, len(data), fetched.length)
        return data


def spool(fetched: Fetched, url: str, file: IO[bytes], max_bytes: int, progress: Progress) -> None:
    """Write an answer to a file. Raises `LimitError`, and `UnavailableError` if it breaks off."""
    done = 0
    while fetched.body and (piece := fetched.body.read(_CHUNK_BYTES)):
        done += len(piece)
        if done > max_bytes:
            raise LimitError(f"more than {max_bytes} bytes", faults.redact(url))
        file.write(piece)
        progress(done, fetched.length)
    _check_length(url, done, fetched.length)
    file.flush()


def join(base: str, *parts: str) -> str:
    """Return the URL of a path below a base, percent-encoded."""
    return "/".join((base.rstrip("/"), *(quote(part, safe="") for part in parts)))


def _condition(tag: str) -> str:
    """Return the header by which to ask for news: a tag is an ETag, or the date of Last-Modified."""
    return "If-None-Match" if tag.startswith(('"', "W/")) else "If-Modified-Since"


def _check_length(url: str, done: int, length: int | None) -> None:
    if length is not None and done != length:
        raise UnavailableError(f"broke off after {done} of {length} bytes", faults.redact(url), "try again")


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        raise UsageError("file:// URLs have three slashes: file:///path", url)
    return Path(unquote(parts.path))


def _open_file(path: Path, tag: str) -> Fetched:
    try:
        state = path.stat()
        found = f"{state.st_size}-{state.st_mtime_ns}"
        if found == tag:
            return Fetched(None, tag, None, lambda: None)
        file = path.open("rb")
    except PermissionError as error:
        raise DeniedError("may not be read", str(path)) from error
    except (OSError, ValueError) as error:
        raise UnavailableError(f"not there: {getattr(error, 'strerror', error)}", str(path)) from error
    return Fetched(file, found, state.st_size, file.close)
