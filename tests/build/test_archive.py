from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import zstandard

import needs
from lading.build import archive
from lading.build.archive import Entry
from lading.build.node import DIRECTORY, FIFO, FILE, HARDLINK, SYMLINK
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.oci import stream

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip in parts": lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]),
    "bzip2 in parts": lambda data: bz2.compress(data[:700]) + bz2.compress(data[700:]),
    "xz in parts, padded": lambda data: (
        lzma.compress(data[:700]) + bytes(4) + lzma.compress(data[700:]) + bytes(8)
    ),
}


def _tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as made:
        for member, data in members:
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = link
    member.mtime = 7
    member.uid, member.gid = 1, 2
    return member


SAMPLE = _tar(
    (_member("./d/", tarfile.DIRTYPE), b""),
    (_member("d/file"), b"content" * 300),
    (_member("d/empty"), b""),
    (_member("/abs"), b"absolute"),
    (_member("link", tarfile.SYMTYPE, "../../x"), b""),
    (_member("hard", tarfile.LNKTYPE, "./d/file"), b""),
    (_member("fifo", tarfile.FIFOTYPE), b""),
    (_member(".wh.name"), b"no whiteout here"),
)


def _contents(entries: tuple[Entry, ...]) -> dict[str, bytes]:
    found = {}
    for entry in entries:
        if entry.open is not None:
            with entry.open() as file:
                found[entry.node.path] = file.read()
    return found


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("is_file", [True, False])
def test_read(packer: str, tmp_path: Path, *, is_file: bool) -> None:
    data = PACKERS[packer](SAMPLE)
    (tmp_path / "a").write_bytes(data)

    def opened() -> BinaryIO:
        return (tmp_path / "a").open("rb", buffering=0) if is_file else io.BytesIO(data)

    with opened() as file:
        assert archive.is_archive(file)
    entries = archive.read(opened(), "a", tmp_path)
    assert [(entry.node.path, entry.node.kind) for entry in entries] == [
        ("d", DIRECTORY),
        ("d/file", FILE),
        ("d/empty", FILE),
        ("abs", FILE),
        ("link", SYMLINK),
        ("hard", HARDLINK),
        ("fifo", FIFO),
        (".wh.name", FILE),
    ]
    assert _contents(entries) == {
        "d/file": b"content" * 300, "d/empty": b"", "abs": b"absolute", ".wh.name": b"no whiteout here",
    }  # fmt: skip
    node = entries[1].node
    assert (node.uid, node.gid, node.mtime_ns, node.size) == (1, 2, 7 * 10**9, 2100)
    assert [entries[4].node.link, entries[5].node.link] == ["../../x", "d/file"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"text", id="text"),
        pytest.param(bytes(10240), id="tar-of-nothing"),
        pytest.param(gzip.compress(b"text"), id="packed-text"),
        pytest.param(gzip.compress(SAMPLE)[:5], id="cut-gzip"),
        pytest.param(bz2.compress(SAMPLE)[:20], id="cut-bzip2"),
        pytest.param(lzma.compress(SAMPLE)[:20], id="cut-xz"),
        pytest.param(b"BZh9 is how this text begins", id="looks-like-bzip2"),
        pytest.param(b"\xfd7zXZ\0 is how this text begins", id="looks-like-xz"),
        pytest.param(b"\x28\xb5\x2f\xfd is how this begins", id="looks-like-zstd"),
        pytest.param(SAMPLE[:100], id="cut-header"),
        pytest.param(b"x" + SAMPLE, id="shifted"),
    ],
)
def test_no_archive(data: bytes) -> None:
    assert not archive.is_archive(io.BytesIO(data))


def _fails(data: bytes, tmp_path: Path) -> None:
    archive.read(io.BytesIO(data), "the archive", tmp_path)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "./../x"])
def test_names_that_lead_out(name: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="leads above the root"):
        _fails(_tar((_member(name), b"")), tmp_path)


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd", "plain"])
def test_cut_anywhere(packer: str, tmp_path: Path) -> None:
    """Each is an error of ours, or all that there is of it."""
    data = PACKERS[packer](SAMPLE)
    whole = len(archive.read(io.BytesIO(data), "", tmp_path))
    failed = 0
    for end in range(0, len(data), max(1, len(data) // 60)):
        try:
            assert len(archive.read(io.BytesIO(data[:end]), "", tmp_path)) <= whole
        except LadingError:
            failed += 1
    assert failed > 30


@pytest.mark.parametrize("packer", [bz2.compress, lzma.compress, gzip.compress])
def test_bombs(packer: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (archive, stream):
        monkeypatch.setattr(module, "BOMB_BYTES", 2**20)
    with pytest.raises(LimitError, match="a decompression bomb"):
        _fails(packer(_tar((_member("zeros"), bytes(32 * 2**20)))), tmp_path)


def test_an_xz_that_wants_too_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MAX_XZ_BYTES", 2**20)
    with pytest.raises(MalformedError, match="Memory usage limit"):
        _fails(lzma.compress(SAMPLE, preset=6), tmp_path)


def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 2)
    with pytest.raises(LimitError, match="over 2 entries"):
        _fails(SAMPLE, tmp_path)


def test_nowhere_to_write(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be written"):
        archive.read(io.BytesIO(SAMPLE), "", tmp_path / "none")


def test_a_full_disk(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(UnavailableError, match="no room to unpack it: No space left"):
        list(archive._copied(iter([b"x"]), Full()))
    del tmp_path


def test_an_archive_that_becomes_shorter(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(SAMPLE)
    entries = archive.read(cast("BinaryIO", path.open("rb", buffering=0)), "", tmp_path)
    path.write_bytes(SAMPLE[:1024])
    assert entries[1].open is not None
    with entries[1].open() as file, pytest.raises(OSError, match="has become shorter"):
        file.read()


@needs.tool("tar")
@pytest.mark.parametrize("form", ["gnu", "posix", "oldgnu"])
def test_sparse(form: str, tmp_path: Path) -> None:
    expected = bytearray(3_000_000)
    with (tmp_path / "sparse").open("wb") as file:
        for at, data in ((100_000, b"one" * 1000), (2_000_000, b"two")):
            file.seek(at)
            file.write(data)
            expected[at : at + len(data)] = data
        file.truncate(3_000_000)
    subprocess.run(
        ["tar", "-C", tmp_path, f"--format={form}", "--sparse", "-cf", tmp_path / "a", "sparse"], check=True
    )
    assert (tmp_path / "a").stat().st_size < 1_000_000
    (entry,) = archive.read(cast("BinaryIO", (tmp_path / "a").open("rb", buffering=0)), "", tmp_path)
    assert _contents((entry,)) == {"sparse": bytes(expected)}
    assert entry.open is not None
    with entry.open() as opened:
        pieces = b""
        while piece := opened.read(70_001):
            pieces += piece
    assert pieces == expected


def test_files_are_closed_with_the_entries(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - of this process
    entries = archive.read(io.BytesIO(SAMPLE), "", tmp_path)
    assert _contents(entries)
    del entries
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - of this process
