from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from functools import partial
from pathlib import Path

import pytest

from lading import net
from lading.build import elsewhere as module
from lading.build import git_reference
from lading.build.elsewhere import Elsewhere
from lading.errors import DeniedError, LimitError, MalformedError, StoppedError, UnavailableError
from loopback import Exchange, Served, serve

DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
DATE_NS = 1_445_412_480 * 10**9


class Site:
    """What the server has: content, and what it calls its state."""

    def __init__(self) -> None:
        self.content = b"content"
        self.headers = {"ETag": '"one"', "Last-Modified": DATE}

    def answer(self, exchange: Exchange) -> None:
        asked = exchange.headers
        if asked.get("If-None-Match", "?") == self.headers.get("ETag") or (
            "If-None-Match" not in asked
            and asked.get("If-Modified-Since", "?") == self.headers.get("Last-Modified")
        ):
            exchange.reply(304)
        elif exchange.path == "/missing":
            exchange.reply(404)
        elif exchange.path == "/closed":
            exchange.reply(401)
        elif exchange.path == "/cut":
            exchange.reply(200, self.content, length=100)
        else:
            exchange.reply(200, self.content, self.headers)


@pytest.fixture(name="site")
def _site() -> Site:
    return Site()


@pytest.fixture(name="served")
def _served(site: Site) -> Iterator[Served]:
    with serve(site.answer) as served:
        yield served


@pytest.fixture(name="make")
def _make(tmp_path: Path) -> Callable[[], Elsewhere]:
    """Return a function that gives a new build, with the memory of those before."""
    numbers = iter(range(100))

    def make() -> Elsewhere:
        scratch = tmp_path / f"scratch{next(numbers)}"
        scratch.mkdir()
        return Elsewhere(lambda: net.client(retries=0), scratch, tmp_path / "memory")

    return make


def test_a_file(make: Callable[[], Elsewhere], served: Served) -> None:
    elsewhere = make()
    found = elsewhere.file(f"{served.url}/a")
    assert found.digest == hashlib.sha256(b"content").hexdigest()
    assert (found.path().read_bytes(), found.size, found.mtime_ns) == (b"content", 7, DATE_NS)
    assert elsewhere.file(f"{served.url}/a") is found
    assert served.lines() == ["GET /a"]


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_what_has_not_changed_is_not_fetched_again(
    make: Callable[[], Elsewhere], site: Site, served: Served, header: str
) -> None:
    site.headers = {header: site.headers[header]}
    first = make().file(f"{served.url}/a")
    second = make().file(f"{served.url}/a")
    assert second.digest == first.digest
    assert "If-None-Match" in served.log[1].headers or "If-Modified-Since" in served.log[1].headers
    assert second.path().read_bytes() == b"content"  # where it is needed, it is
    assert (second.size, second.mtime_ns) == (first.size, first.mtime_ns)
    assert len(served.log) == 3


def test_what_has_changed_is(make: Callable[[], Elsewhere], site: Site, served: Served) -> None:
    make().file(f"{served.url}/a")
    site.content, site.headers = b"other", {"ETag": '"two"'}
    found = make().file(f"{served.url}/a")
    assert (found.path().read_bytes(), found.mtime_ns) == (b"other", 0)
    assert len(served.log) == 2


def test_what_was_changed_just_now_is_fetched_again(
    make: Callable[[], Elsewhere], site: Site, served: Served
) -> None:
    """It can be changed once more in the same second; the server, asked whether it was, says that it was not."""
    site.headers = {"Last-Modified": formatdate(usegmt=True)}
    make().file(f"{served.url}/a")
    site.content = b"changed"
    assert make().file(f"{served.url}/a").path().read_bytes() == b"changed"


def test_what_changes_meanwhile(make: Callable[[], Elsewhere], site: Site, served: Served) -> None:
    make().file(f"{served.url}/a")
    found = make().file(f"{served.url}/a")
    site.content, site.headers = b"other", {}
    with pytest.raises(
        MalformedError,
        match="has the digest sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, not",
    ):
        found.path()


def test_a_server_that_says_nothing_is_asked_each_time(
    make: Callable[[], Elsewhere], site: Site, served: Served, tmp_path: Path
) -> None:
    site.headers = {"Last-Modified": "yesterday"}
    assert make().file(f"{served.url}/a").mtime_ns == 0
    site.headers = {}
    make().file(f"{served.url}/b")
    assert len(list((tmp_path / "memory").iterdir())) == 1
    del served


def test_pinned(make: Callable[[], Elsewhere], served: Served) -> None:
    digest = hashlib.sha256(b"content").hexdigest()
    found = make().pinned(f"{served.url}/a", f"sha256:{digest}")
    assert (found.digest, served.log) == (digest, [])
    assert found.path().read_bytes() == b"content"
    elsewhere = make()
    assert elsewhere.file(f"{served.url}/a") is elsewhere.pinned(f"{served.url}/a", f"sha256:{digest}")


def test_pinned_to_something_else(make: Callable[[], Elsewhere], served: Served) -> None:
    wanted = "0" * 64
    with pytest.raises(MalformedError, match=f", not sha256:{wanted}"):
        make().pinned(f"{served.url}/a", f"sha256:{wanted}").path()


@pytest.mark.parametrize(
    "checksum", ["", "sha256:", "sha256:" + "0" * 63, "md5:" + "0" * 64, "sha256:" + "G" * 64]
)
def test_no_checksum(make: Callable[[], Elsewhere], checksum: str) -> None:
    with pytest.raises(MalformedError, match="not the digest of a file"):
        make().pinned("http://127.0.0.1:9/", checksum)


@pytest.mark.parametrize(
    ("path", "error"), [("missing", UnavailableError), ("closed", DeniedError), ("cut", UnavailableError)]
)
def test_failures(make: Callable[[], Elsewhere], served: Served, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        make().file(f"{served.url}/{path}")


def test_too_large(make: Callable[[], Elsewhere], served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 6)
    with pytest.raises(LimitError):
        make().file(f"{served.url}/a")


def test_broken_memory_counts_as_none(make: Callable[[], Elsewhere], served: Served, tmp_path: Path) -> None:
    make().file(f"{served.url}/a")
    (place,) = (tmp_path / "memory").iterdir()
    place.write_bytes(b"\xc1")
    assert make().file(f"{served.url}/a").path().read_bytes() == b"content"
    assert "If-None-Match" not in served.log[1].headers


def test_memory_does_not_tell_passwords(
    make: Callable[[], Elsewhere], served: Served, tmp_path: Path
) -> None:
    make().file(served.url.replace("//", "//user:secret@") + "/a?token=secret")
    for path in (tmp_path / "memory").iterdir():
        assert "secret" not in path.name
        assert b"secret" not in path.read_bytes()


def test_without_memory(served: Served, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    found = Elsewhere(net.client, tmp_path / "scratch").file(f"{served.url}/a")
    assert found.path().parent == tmp_path / "scratch"


def test_several_threads_fetch_once(make: Callable[[], Elsewhere], served: Served) -> None:
    elsewhere = make()
    threads = [threading.Thread(target=elsewhere.file, args=(f"{served.url}/a",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(served.log) == 1


@pytest.mark.parametrize("what", ["file", "repository"])
def test_it_gives_up_when_it_is_told_to(tmp_path: Path, what: str) -> None:
    asked = threading.Event()

    def answer(exchange: Exchange) -> None:
        asked.set()
        exchange.stall()

    elsewhere = Elsewhere(lambda: net.client(timeout_s=60), tmp_path)
    with serve(answer) as served, ThreadPoolExecutor(1) as pool:
        reference = git_reference.parse(f"{served.url}/r.git")
        assert reference is not None
        bring = (
            partial(elsewhere.file, served.url) if what == "file" else partial(elsewhere.commit, reference)
        )
        waiting = pool.submit(bring)
        assert asked.wait(20)
        elsewhere.stop()
        with pytest.raises(StoppedError):
            waiting.result(20)
    with pytest.raises(StoppedError):
        elsewhere.file("http://127.0.0.1:9/x")
