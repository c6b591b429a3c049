from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from lading.errors import DeniedError, LadingError, UnavailableError
from lading.oci.beside import replacing, writing


def test_it_takes_the_place_at_the_end(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")
    with replacing(place) as file:
        file.write(b"...new")
        file.seek(0)
        file.write(b"the")
        assert place.read_bytes() == b"old"
    assert place.read_bytes() == b"thenew"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_threads_may_write_one_file(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(bytes(20_000))
    seen: list[int] = []
    failed: list[LadingError] = []

    def write() -> None:
        try:
            for _ in range(50):
                with replacing(place) as file:
                    for _ in range(20):
                        file.write(bytes(1000))
                seen.append(place.stat().st_size)
        except LadingError as error:
            failed.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, set(seen)) == ([], {20_000})
    assert list(tmp_path.iterdir()) == [place]


def test_an_error_leaves_the_old(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(KeyError), replacing(tmp_path / "file") as file:
        file.write({b"": b""}[b"no"])
    assert (tmp_path / "file").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    with replacing(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with replacing(tmp_path / "pipe") as file:
        file.write(b"12345")
        file.seek(0)
        file.write(b"x")
    reader.join()
    assert read == [b"x2345"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UnavailableError, match="cannot be written: Not a directory"),
        replacing(tmp_path / "file" / "x"),
    ):
        pass


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (errno.ENOSPC, UnavailableError, "no room to write it"),
        (errno.EDQUOT, UnavailableError, "no room to write it"),
        (errno.EACCES, DeniedError, "cannot be written"),
        (errno.EROFS, DeniedError, "cannot be written"),
        (errno.EIO, UnavailableError, "cannot be written"),
    ],
)
def test_what_the_system_says(tmp_path: Path, number: int, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message), writing(tmp_path / "x"):
        raise OSError(number, os.strerror(number))
