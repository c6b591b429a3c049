"""What ADD and contexts bring from other machines: files by http(s), commits of git repositories.

A file is asked for once in a build, and from build to build only if the server says that it has changed: what it was
called by the server (ETag or date) is kept with its digest, not the file itself. So it is fetched again where a
layer has to be made of it, and has to have the same digest then.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from lading import faults
from lading.build import git_checkout
from lading.build.git_checkout import Checkout
from lading.build.git_reference import GitReference
from lading.errors import LadingError, LimitError, MalformedError, StoppedError
from lading.net import Client
from lading.oci.beside import replacing, writing

MAX_BYTES = 64 * 2**30
_PIECE = 2**20
_VERSION = 1
_CHECKSUM = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_MAX_TIME_S = 2**33
_COARSEST_NS = 2 * 10**9


class Remembered(msgspec.Struct, frozen=True):
    """What is known of a file from an earlier build. tag, date: what the server called its state."""

    tag: str
    date: str
    digest: str
    size: int
    mtime_ns: int


class Elsewhere:
    """Brings things from other machines. Threads may share it; who comes second for the same waits.

    client: makes the HTTP client, with the first request. scratch: an empty directory for what is brought, which
    the caller removes after the build. memory: a directory for what is remembered between builds; None for nothing.
    """

    def __init__(self, client: Callable[[], Client], scratch: Path, memory: Path | None = None) -> None:
        self.scratch = scratch
        self._make_client = client
        self._memory = memory
        self._client: Client | None = None
        self._files: dict[str, Fetched] = {}
        self._checkouts: dict[tuple[GitReference, bool], Checkout] = {}
        self._commits: dict[GitReference, str] = {}
        self._locks: dict[object, threading.Lock] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()

    def stop(self) -> None:
        """Give up whatever is being brought, from any thread: who waits for it gets a `StoppedError`."""
        self._over.set()
        with self._lock:
            if self._client is not None:
                self._client.stop()

    def file(self, url: str) -> Fetched:
        """Return a file, whose digest is known then, though it may have to be fetched yet.

        Raises what `Client.open` raises.
        """
        with self._only(url):
            if url not in self._files:
                self._files[url] = self._asked(url)
            return self._files[url]

    def pinned(self, url: str, checksum: str) -> Fetched:
        """Return a file that is known to have this digest, as `sha256:...`, without asking for it now.

        Raises `MalformedError` for what is no digest; so does fetching it if the file has another.
        """
        found = _CHECKSUM.fullmatch(checksum)
        if found is None:
            raise MalformedError(
                f"not the digest of a file: {checksum[:80]!r}",
                hint="write sha256: and 64 digits, 0-9 and a-f",
            )
        with self._only(url):
            known = self._files.get(url)
        return known if known is not None and known.digest == found[1] else Fetched(self, url, found[1])

    def checkout(self, reference: GitReference, *, keep_git: bool) -> Checkout:
        """Return a commit on the disk. Raises what `git_checkout.checkout` raises."""
        with self._only((reference, keep_git)):
            known = self._checkouts.get((reference, keep_git))
            if known is None:
                known = git_checkout.checkout(
                    reference, self.scratch, keep_git=keep_git, stopped=self._over.is_set
                )
                self._checkouts[reference, keep_git] = known
            return known

    def commit(self, reference: GitReference) -> str:
        """Return the hash of a commit. Raises what `git_checkout.commit_of` raises."""
        with self._only(reference):
            if reference not in self._commits:
                self._commits[reference] = git_checkout.commit_of(
                    reference, self.scratch, stopped=self._over.is_set
                )
            return self._commits[reference]

    def _only(self, thing: object) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(thing, threading.Lock())

    def _asked(self, url: str) -> Fetched:
        """Ask whether a file is as it was, and fetch it if it is not, or nothing is known of it."""
        known = self._remembered(url)
        headers = {}
        if known is not None and known.tag:
            headers["If-None-Match"] = known.tag
        elif known is not None and known.date:
            headers["If-Modified-Since"] = known.date
        fetched = self._fetch(url, headers)
        if fetched is None:
            assert known is not None, url
            return Fetched(self, url, known.digest, size=known.size, mtime_ns=known.mtime_ns)
        return fetched

    def fetch(self, url: str) -> Fetched:
        """Fetch a file in any case."""
        fetched = self._fetch(url, {})
        assert fetched is not None, url
        return fetched

    def _fetch(self, url: str, headers: Mapping[str, str]) -> Fetched | None:
        """Fetch a file; None if the server says that it is as it was."""
        with self._lock:
            if self._over.is_set():
                raise StoppedError("stopped")
            self._client = self._client or self._make_client()
        ok = (200, 304) if headers else (200,)
        with self._client.open("GET", url, headers=headers, ok=ok) as response:
            if response.status == 304:  # noqa: PLR2004 - not modified, RFC 9110
                return None
            digest = hashlib.sha256()
            size = 0
            with (
                writing(self.scratch),
                tempfile.NamedTemporaryFile(prefix="url-", dir=self.scratch, delete=False) as file,
            ):
                while piece := response.read(_PIECE):
                    size += len(piece)
                    if size > MAX_BYTES:
                        raise LimitError(f"over {MAX_BYTES >> 30} GiB", faults.redact(url))
                    digest.update(piece)
                    file.write(piece)
            date = response.headers.get("Last-Modified", "")
            found = Remembered(
                response.headers.get("ETag", ""), date, digest.hexdigest(), size, _nanoseconds(date)
            )
        if not _is_young(date, response.headers.get("Date", "")):
            self._remember(url, found)
        return Fetched(
            self, url, found.digest, size=found.size, mtime_ns=found.mtime_ns, path=Path(file.name)
        )

    def _place(self, url: str) -> Path | None:
        # A URL may have a password in it: its hash says less.
        name = hashlib.sha256(url.encode("utf-8", "surrogateescape")).hexdigest()
        return None if self._memory is None else self._memory / f"{name[:40]}.{_VERSION}"

    def _remembered(self, url: str) -> Remembered | None:
        place = self._place(url)
        try:
            return msgspec.msgpack.decode(place.read_bytes(), type=Remembered) if place else None
        except (OSError, msgspec.MsgspecError):
            return None

    def _remember(self, url: str, known: Remembered) -> None:
        place = self._place(url)
        if place is None or not (known.tag or known.date):
            return
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with replacing(place) as file:
                file.write(msgspec.msgpack.encode(known))
        except (OSError, LadingError):
            return  # the next build asks as if for the first time


class Fetched:
    """A file by its URL. digest: SHA-256, in hexadecimal. The rest is known once it is here."""

    def __init__(
        self,
        elsewhere: Elsewhere,
        url: str,
        digest: str,
        *,
        size: int = 0,
        mtime_ns: int = 0,
        path: Path | None = None,
    ) -> None:
        self.digest = digest
        self.url = url
        self.size = size
        self.mtime_ns = mtime_ns
        self._elsewhere = elsewhere
        self._path = path
        self._lock = threading.Lock()

    def path(self) -> Path:
        """Return where it is on the disk; sets `size` and `mtime_ns`.

        Raises `MalformedError` if the file has not the digest that it should have, and what fetching raises.
        """
        with self._lock:
            if self._path is None:
                found = self._elsewhere.fetch(self.url)
                if found.digest != self.digest:
                    raise MalformedError(
                        f"has the digest sha256:{found.digest}, not sha256:{self.digest}",
                        faults.redact(self.url),
                        "the file has been changed",
                    )
                self._path, self.size, self.mtime_ns = found.path(), found.size, found.mtime_ns
            return self._path


def _is_young(changed: str, sent: str) -> bool:
    """Whether a file was changed so shortly before it was sent that it may change again, and be called the same.

    Dates have no parts of a second, and many servers make their ETag of date and size (RFC 9110, 8.8.2.2).
    """
    return bool(sent) and 0 <= _nanoseconds(sent) - _nanoseconds(changed) < _COARSEST_NS


def _nanoseconds(date: str) -> int:
    """Return the time of a Last-Modified header; the beginning of 1970 without one."""
    from email.utils import parsedate_to_datetime

    try:
        seconds = int(parsedate_to_datetime(date).timestamp()) if date else 0
    except (ValueError, OverflowError, OSError):
        return 0
    return min(max(seconds, 0), _MAX_TIME_S) * 10**9
