from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.build import layer_write
from lading.build.compress import GZIP, NONE, parse
from lading.build.layer_write import Written, write
from lading.errors import DeniedError, LadingError, MalformedError, UnavailableError
from lading.oci import stream

# Over several pieces of every form, in chunks of another size.
CHUNKS = [b"%d," % number * 30_000 for number in range(100, 160)]
DATA = b"".join(CHUNKS)


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.mark.parametrize("text", ["gzip", "gzip:9", "zstd", "zstd:7", "none"])
def test_what_is_written_is_what_is_said(tmp_path: Path, text: str) -> None:
    place = tmp_path / "blob"
    written = write(iter(CHUNKS), place, parse(text))
    stored = place.read_bytes()
    assert written == Written(
        path=place,
        digest=sha256(stored),  # type: ignore[arg-type]  # a digest is text
        diff_id=sha256(DATA),  # type: ignore[arg-type]  # likewise
        size=len(stored),
        tar_bytes=len(DATA),
        media_type=parse(text).media_type,
    )
    with place.open("rb") as file:
        assert b"".join(stream.decompressed(file, "test")) == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["blob"]


@pytest.mark.parametrize("text", ["gzip", "zstd"])
def test_threads_and_chunks_do_not_show(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = set()
    for workers in (1, 2, 7):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid, count=workers: set(range(count)))
        for size in (999_999, 2**20, 2**23, len(DATA)):
            cut = (DATA[at : at + size] for at in range(0, len(DATA), size))
            digests.add(write(cut, tmp_path / "blob", parse(text)).digest)
    assert len(digests) == 1


def test_an_empty_layer_can_be_read(tmp_path: Path) -> None:
    written = write(iter([]), tmp_path / "blob", GZIP)
    assert (written.tar_bytes, written.diff_id) == (0, sha256(b""))
    with (tmp_path / "blob").open("rb") as file:
        assert list(stream.decompressed(file, "test")) == []


def test_an_onlooker_sees_all(tmp_path: Path) -> None:
    seen: list[bytes] = []
    threads: list[threading.Thread] = []

    def observe(chunks: Iterator[bytes]) -> None:
        threads.append(threading.current_thread())
        seen.extend(chunks)

    alone = write(iter(CHUNKS), tmp_path / "alone", GZIP)
    watched = write(iter(CHUNKS), tmp_path / "watched", GZIP, observe)
    assert watched.digest == alone.digest
    assert seen == CHUNKS
    assert threads[0] is not threading.current_thread()
    assert not threads[0].is_alive()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_an_onlooker_may_stop_early(tmp_path: Path, count: int) -> None:
    def observe(chunks: Iterator[bytes]) -> None:
        for _ in range(count):
            next(chunks)

    assert write(iter(CHUNKS), tmp_path / "blob", NONE, observe).diff_id == sha256(DATA)


@pytest.mark.parametrize("at", [0, 3, len(CHUNKS)])
@pytest.mark.parametrize("error", [MalformedError("no tar"), ZeroDivisionError("a flaw")])
def test_what_an_onlooker_raises_is_raised(tmp_path: Path, at: int, error: Exception) -> None:
    def observe(chunks: Iterator[bytes]) -> None:
        for _ in zip(range(at), chunks, strict=False):
            pass
        raise error

    with pytest.raises(type(error), match=str(error)):
        write(iter(CHUNKS), tmp_path / "blob", GZIP, observe)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [UnavailableError("gone"), KeyboardInterrupt(), OSError("odd"), ZeroDivisionError()]
)
@pytest.mark.parametrize("at", [0, 1, 40])
def test_where_the_tar_breaks_off_nothing_is_left(tmp_path: Path, at: int, error: BaseException) -> None:
    ends: list[BaseException | None] = []

    def broken() -> Iterator[bytes]:
        yield from CHUNKS[:at]
        raise error

    def observe(chunks: Iterator[bytes]) -> None:
        try:
            for _ in chunks:
                pass
        except LadingError as told:
            ends.append(told)
            raise
        ends.append(None)

    before = threading.active_count()
    with pytest.raises(type(error)):
        write(broken(), tmp_path / "blob", GZIP, observe)
    assert [str(end) for end in ends] == ["the layer was given up before its end"]
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == before


def test_no_room(tmp_path: Path) -> None:
    place = tmp_path / "blob"
    place.symlink_to("/dev/full")
    with pytest.raises(UnavailableError, match="no room to write it: No space left on device"):
        write(iter(CHUNKS), place, GZIP)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["none/blob", "file/blob"])
def test_where_nothing_can_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises((UnavailableError, DeniedError), match="cannot be written"):
        write(iter(CHUNKS), tmp_path / place, GZIP)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_memory_does_not_grow_with_the_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    made = 0
    most = 0

    def endless() -> Iterator[bytes]:
        nonlocal made
        for _ in range(100):
            made += 1
            yield bytes(2**20)

    def observe(chunks: Iterator[bytes]) -> None:
        nonlocal most
        for number, _ in enumerate(chunks):
            most = max(most, made - number)

    write(endless(), tmp_path / "blob", NONE, observe)
    assert most <= layer_write._AHEAD + 2


SCRIPT = """
import sys
from pathlib import Path
from lading.build.compress import GZIP
from lading.build.layer_write import write

def endless():
    while True:
        print("more", flush=True)
        yield bytes(2**20)

write(endless(), Path(sys.argv[1]), GZIP, lambda chunks: [None for _ in chunks])
"""


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / "blob"
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, place],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it only sets a signal
    ) as process:
        assert process.stdout is not None
        for _ in range(5):
            assert process.stdout.readline() == "more\n"
        assert place.exists()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert not place.exists()
