from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lading import net
from lading.errors import LimitError, UnavailableError
from lading.lint.pins_fetch import DAY_S, Fetch, Unknown, bounded, each, refused
from lint.index_site import Site, client, site


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        made.files = {"/a": b"one", "/b": b"two"}
        yield made


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


def _make(served: Site, fetch: Fetch, path: str = "/a") -> str | None:
    def make() -> str | None:
        found = fetch.bytes(served.url + path, 100)
        return None if found is None else found.decode()

    return fetch.remembered(path, str, make)


def test_asked_once_a_day_in_one_process(served: Site) -> None:
    clock = Clock()
    fetch = Fetch(client, now=clock)
    assert [_make(served, fetch), _make(served, fetch)] == ["one", "one"]
    assert len(served.served.log) == 1
    clock.at += DAY_S
    served.files["/a"] = b"new"
    assert _make(served, fetch) == "new"


def test_asked_once_a_day_by_all_processes(served: Site, tmp_path: Path) -> None:
    clock = Clock()
    assert _make(served, Fetch(client, cache_dir=tmp_path, now=clock)) == "one"
    clock.at += DAY_S - 1
    assert _make(served, Fetch(client, cache_dir=tmp_path, now=clock, offline=True)) == "one"
    assert len(served.served.log) == 1
    clock.at += 1
    assert _make(served, Fetch(client, cache_dir=tmp_path, now=clock)) == "one"
    assert len(served.served.log) == 2
    clock.at -= 3 * DAY_S  # from the future: a clock that was wrong
    assert _make(served, Fetch(client, cache_dir=tmp_path, now=clock)) == "one"
    assert len(served.served.log) == 3


def test_what_is_not_there_is_asked_for_by_the_next_process(served: Site, tmp_path: Path) -> None:
    fetch = Fetch(client, cache_dir=tmp_path)
    assert [_make(served, fetch, "/none"), _make(served, fetch, "/none")] == [None, None]
    assert len(served.served.log) == 1
    served.files["/none"] = b"now"
    assert _make(served, Fetch(client, cache_dir=tmp_path), "/none") == "now"


@pytest.mark.parametrize(
    "damage", [b"", b"garbage", b"\x93\xcb", b"\x93" + msgspec.msgpack.encode(1.0) * 3, b"\x91" * 5000]
)
def test_a_broken_cache_is_done_without(served: Site, tmp_path: Path, damage: bytes) -> None:
    _make(served, Fetch(client, cache_dir=tmp_path))
    (file,) = (tmp_path / "pins").iterdir()
    file.write_bytes(damage)
    assert _make(served, Fetch(client, cache_dir=tmp_path)) == "one"
    assert len(served.served.log) == 2
    assert _make(served, Fetch(client, cache_dir=tmp_path, offline=True)) == "one"


def test_a_file_of_another_question_is_not_taken(served: Site, tmp_path: Path) -> None:
    fetch = Fetch(client, cache_dir=tmp_path)
    _make(served, fetch)
    (first,) = (tmp_path / "pins").iterdir()
    content = first.read_bytes()
    first.unlink()
    _make(served, Fetch(client, cache_dir=tmp_path), "/b")
    (second,) = (tmp_path / "pins").iterdir()
    second.write_bytes(content)
    assert _make(served, Fetch(client, cache_dir=tmp_path), "/b") == "two"


def test_a_cache_that_cannot_be_written_is_done_without(served: Site, tmp_path: Path) -> None:
    (tmp_path / "pins").write_text("a file")
    assert _make(served, Fetch(client, cache_dir=tmp_path)) == "one"
    assert list(tmp_path.iterdir()) == [tmp_path / "pins"]


def test_nothing_is_left_of_a_write_that_fails(
    served: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert _make(served, Fetch(client, cache_dir=tmp_path)) == "one"
    assert list((tmp_path / "pins").iterdir()) == []


def test_old_files_are_swept(served: Site, tmp_path: Path) -> None:
    folder = tmp_path / "pins"
    folder.mkdir()
    (folder / "old").write_bytes(b"x")
    os.utime(folder / "old", (1, 1))
    (folder / "young").write_bytes(b"x")
    _make(served, Fetch(client, cache_dir=tmp_path))
    names = {path.name for path in folder.iterdir()}
    assert "old" not in names
    assert "young" in names
    assert len(names) == 2
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o022 == 0 for path in folder.iterdir())


def test_offline_makes_no_client(served: Site) -> None:
    def never(_insecure: object) -> net.Client:
        raise AssertionError("no client is wanted")

    with pytest.raises(UnavailableError, match="offline, and not known from before") as raised:
        _make(served, Fetch(never, offline=True))
    assert raised.value.hint == "go online once, or pin by hand"


def test_a_host_that_is_down_is_left_alone_for_a_minute(served: Site) -> None:
    clock = Clock()
    fetch = Fetch(client, now=clock)
    served.special["/a"] = lambda exchange: exchange.reply(500)
    for _ in range(3):
        with pytest.raises(UnavailableError, match="the server failed"):
            fetch.bytes(f"{served.url}/a", 100)
    with pytest.raises(UnavailableError, match="the server failed"):
        fetch.bytes(f"{served.url}/b", 100)
    assert served.served.lines() == ["GET /a"]
    clock.at += 60
    assert fetch.bytes(f"{served.url}/b", 100) == b"two"


def test_what_is_denied_says_nothing_of_others(served: Site) -> None:
    fetch = Fetch(client)
    served.special["/a"] = lambda exchange: exchange.reply(401)
    found = each(["/a", "/b", "/c"], lambda path: str(fetch.bytes(served.url + path, 100)))
    assert isinstance(found["/a"], Unknown)
    assert found["/a"].reason.startswith(f"{served.url}/a: access denied")
    assert (found["/b"], found["/c"]) == ("b'two'", "None")


def test_bounded() -> None:
    assert list(bounded([b"ab", b"c"], 3, "x")) == [b"ab", b"c"]
    with pytest.raises(LimitError, match="x: the index has more than 0 MiB"):
        list(bounded([b"ab", b"c"], 2, "x"))


def test_a_reason_is_one_line() -> None:
    assert refused(UnavailableError("a\nb", "w\x1b[1m", "h")) == Unknown("w [1m: a b (h)")
    assert len(refused(UnavailableError("x" * 9999)).reason) == 500
