from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import zstandard

import needs
from lading import net
from lading.build import content, context_place
from lading.build.context_place import Place
from lading.build.elsewhere import Elsewhere
from lading.build.git_reference import GitReference
from lading.dockerfile.dockerignore import Patterns
from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError
from loopback import Exchange, Served, serve


@pytest.fixture(name="elsewhere")
def _elsewhere(tmp_path: Path) -> Elsewhere:
    (tmp_path / "scratch").mkdir()
    return Elsewhere(lambda: net.client(retries=0), tmp_path / "scratch")


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "d").mkdir(parents=True)
    (root / "Dockerfile").write_text("FROM scratch\n")
    (root / "d/file").write_text("content")
    return root


def _tar(root: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        made.add(root, ".")
    return out.getvalue()


def _opened(text: str, elsewhere: Elsewhere, stdin: bytes = b"") -> Place | bytes:
    return context_place.opened(text, elsewhere, io.BytesIO(stdin), None)


def _names(place: Place | bytes) -> list[str]:
    assert not isinstance(place, bytes)
    kept, _ = place.less(Patterns(), "the context")
    assert kept.title == "the context"
    return [path for path, _ in content.walk(kept, "") if path and not path.startswith(".git")]


NAMES = ["Dockerfile", "d", "d/file"]


def test_a_directory(root: Path, elsewhere: Elsewhere, tmp_path: Path) -> None:
    place = context_place.opened(str(root), elsewhere, io.BytesIO(), tmp_path / "stats")
    assert _names(place) == NAMES
    assert not isinstance(place, bytes)
    kept, cache = place.less(Patterns(), "")
    assert cache is not None
    assert kept.digest("") == place.whole().digest("")


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress]
)
def test_archives(pack: Callable[[bytes], bytes], root: Path, elsewhere: Elsewhere, tmp_path: Path) -> None:
    data = pack(_tar(root))
    (tmp_path / "file").write_bytes(data)
    assert _names(_opened(str(tmp_path / "file"), elsewhere)) == NAMES
    assert _names(_opened("-", elsewhere, data)) == NAMES


@pytest.mark.parametrize("pack", [bytes, bz2.compress, lzma.compress])
def test_large_streams(pack: Callable[[bytes], bytes], root: Path, elsewhere: Elsewhere) -> None:
    """More than is looked at to find out what it is."""
    (root / "a").write_bytes(os.urandom(5 * 2**20))
    place = _opened("-", elsewhere, pack(_tar(root)))
    assert "a" in _names(place)
    assert not isinstance(place, bytes)
    with place.whole().open("a") as file:
        assert file.read() == (root / "a").read_bytes()


def test_a_pipe(root: Path, elsewhere: Elsewhere) -> None:
    """What comes in small pieces, and cannot be sought in."""
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        place = context_place.opened("-", elsewhere, cast("BinaryIO", tar.stdout), None)
        assert sorted(_names(place)) == NAMES


@pytest.mark.parametrize("text", [b"FROM scratch\n", b"", b"BZh", b"\x1f\x8b"])
def test_a_dockerfile_alone(text: bytes, elsewhere: Elsewhere) -> None:
    assert _opened("-", elsewhere, text) == text


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
def test_a_dockerfile_in_utf16(coding: str) -> None:
    with pytest.raises(MalformedError, match=r"^it: is in UTF-16") as raised:
        context_place.dockerfile(io.BytesIO("\ufeffFROM a\n".encode(coding)), "it")
    assert raised.value.hint == "save it as UTF-8"


def test_too_large_a_dockerfile(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_place, "MAX_DOCKERFILE_BYTES", 10)
    assert _opened("-", elsewhere, b"0123456789") == b"0123456789"
    with pytest.raises(LimitError, match="standard input: a Dockerfile of over"):
        _opened("-", elsewhere, b"0123456789a")


def test_a_file_that_is_no_archive(root: Path, elsewhere: Elsewhere) -> None:
    with pytest.raises(UnavailableError, match="is neither a directory nor an archive") as caught:
        _opened(str(root / "Dockerfile"), elsewhere)
    assert caught.value.hint == "to name the Dockerfile, use -f"


@pytest.mark.parametrize("text", ["none", "none#main", "", "ftp://h/x"])
def test_nothing_there(
    text: str, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if not text:
        assert _names(_opened(text, elsewhere)) == ["scratch"]
        return
    with pytest.raises(UnavailableError, match="there is no such directory"):
        _opened(text, elsewhere)


@pytest.mark.parametrize(
    ("failure", "error"), [(PermissionError(13, "x"), DeniedError), (OSError(5, "x"), UnavailableError)]
)
def test_what_cannot_be_read(
    root: Path,
    elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
    failure: OSError,
    error: type[Exception],
) -> None:
    (root / "a.tar").write_bytes(_tar(root))

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(error, match=r"a\.tar: cannot be read"):
        _opened(str(root / "a.tar"), elsewhere)


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Iterator[Served]:
    def answer(exchange: Exchange) -> None:
        path = tmp_path / exchange.path.partition("?")[0].lstrip("/")
        if path.is_file():
            exchange.reply(200, path.read_bytes())
        else:
            exchange.reply(404)

    with serve(answer) as served:
        yield served


def test_urls(root: Path, elsewhere: Elsewhere, served: Served, tmp_path: Path) -> None:
    (tmp_path / "context.tgz").write_bytes(gzip.compress(_tar(root)))
    (tmp_path / "just.txt").write_text("FROM scratch\n")
    assert _names(_opened(f"{served.url}/context.tgz", elsewhere)) == NAMES
    assert _opened(f"{served.url}/just.txt", elsewhere) == b"FROM scratch\n"
    with pytest.raises(UnavailableError, match="not found"):
        _opened(f"{served.url}/none", elsewhere)


@needs.tool("git")
def test_repositories(root: Path, elsewhere: Elsewhere, served: Served, tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-q", "-m", "m", "--date=@1600000000"],
    ):
        subprocess.run(
            [*git, *arguments],
            cwd=root,
            check=True,
            env={**os.environ, "GIT_COMMITTER_DATE": "@1600000000 +0000"},
        )
    subprocess.run([*git, "clone", "-q", "--bare", root, tmp_path / "r.git"], check=True)
    subprocess.run([*git, "update-server-info"], cwd=tmp_path / "r.git", check=True)
    for text in (f"{root}#main", f"file://{root}", f"file://{tmp_path}/r.git#main", f"{served.url}/r.git"):
        place = _opened(text, elsewhere)
        assert _names(place) == NAMES
        assert not isinstance(place, bytes)
        kept, cache = place.less(Patterns(), "")
        assert cache is None
        assert {node.mtime_ns for _, node in content.walk(kept, "")} == {1_600_000_000 * 10**9}
    assert _names(_opened(f"{served.url}/r.git#:d", elsewhere)) == ["file"]


def test_github_without_a_scheme(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def checkout(reference: GitReference, *, keep_git: bool) -> None:
        asked.append((reference.remote, reference.ref, reference.folder, keep_git))
        raise UnavailableError("not now")

    monkeypatch.setattr(elsewhere, "checkout", checkout)
    with pytest.raises(UnavailableError, match="not now"):
        _opened("github.com/owner/name#v1:d", elsewhere)
    assert asked == [("https://github.com/owner/name", "v1", "d", False)]
