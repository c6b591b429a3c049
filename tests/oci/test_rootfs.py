from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.errors import UnavailableError
from lading.model.fact import Fact, Files
from lading.oci import rootfs
from lading.oci.dispatch import Dispatch
from lading.oci.reader import FileReader, TreeFile
from lading.oci.rootfs import walk_directory


def read(file: TreeFile) -> Iterator[Fact]:
    yield Files("t", file.path, (str(file.size),))


ALL = Dispatch([FileReader(name="t/db", paths=("db/*", "link/*"), read=read)])


def test_an_image_of_a_directory(tmp_path: Path) -> None:
    image = rootfs.open_image(tmp_path, "rootfs:x")
    assert (image.digest, [layer.directory for layer in image.layers]) == ("", [str(tmp_path)])
    with pytest.raises(UnavailableError, match="rootfs:y: there is no such directory"):
        rootfs.open_image(tmp_path / "gone", "rootfs:y")


def test_special_files_and_links_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    folder.mkdir()
    (folder / "file").write_text("12345")
    os.mkfifo(folder / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "socket"))
    listening.close()
    (folder / "away").symlink_to("/etc/passwd")
    (tmp_path / "link").symlink_to("db")
    found = walk_directory(str(tmp_path), ALL)
    assert found.facts == {"db/file": (Files("t", "db/file", ("5",)),)}
    assert found.links == {"db/away": "/etc/passwd", "link": "db"}
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "no permission to read it"),
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "gone").write_text("x")

    def refuse(*_: object) -> int:
        raise error

    monkeypatch.setattr(os, "open", refuse)
    found = walk_directory(str(tmp_path), ALL)
    assert [(item.path, item.reason) for item in found.skipped] == [("db/gone", reason)]


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "db") + b"/\xff")).write_text("x")
    assert list(walk_directory(str(tmp_path), ALL).facts) == ["db/\\xff"]


def test_deep_directories(tmp_path: Path) -> None:
    where = tmp_path
    for _ in range(300):
        where /= "d"
    where.mkdir(parents=True)
    assert walk_directory(str(tmp_path), ALL).folders.count(b"\0") == 300
