from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import disk
from lading.build import content, directory_files
from lading.build.directory_files import DirectoryFiles
from lading.build.node import CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK
from lading.dockerfile import dockerignore
from lading.errors import DeniedError, LimitError, UnavailableError


def _names(files: DirectoryFiles) -> list[str]:
    return [path for path, _ in content.walk(files, "") if path]


def _ignoring(root: Path, text: str) -> DirectoryFiles:
    return DirectoryFiles(root, dockerignore.parse(text.encode(), ".dockerignore"))


def test_nodes(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o750)
    (tmp_path / "d/file").write_text("content")
    (tmp_path / "d/file").chmod(0o4711)
    os.utime(tmp_path / "d/file", ns=(1, 12_345_678_900))
    (tmp_path / "link").symlink_to("d/fi\udcffle")
    os.mkfifo(tmp_path / "fifo", 0o600)
    files = DirectoryFiles(tmp_path)
    nodes = {node.path: node for node in (*files.children(""), *files.children("d"))}
    assert {path: node.kind for path, node in nodes.items()} == {
        "d": DIRECTORY, "fifo": FIFO, "link": SYMLINK, "d/file": FILE,
    }  # fmt: skip
    file = nodes["d/file"]
    assert (file.mode, file.size, file.mtime_ns, file.uid, file.gid) == (0o4711, 7, 12_345_678_900, 0, 0)
    assert nodes["link"].link == "d/fi\udcffle"
    assert nodes["d"].mode == 0o750
    assert files.get("d/file") == file
    assert files.get("") is not None
    with files.open("d/file") as opened:
        assert opened.read() == b"content"


@pytest.mark.parametrize("path", ["none", "d/none", "file/x", "file/x/y", "link/file", "d/link/x"])
def test_nothing_there(tmp_path: Path, path: str) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/file").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("d")
    (tmp_path / "d/link").symlink_to(".")
    files = DirectoryFiles(tmp_path)
    assert files.get(path) is None
    assert list(files.children(path)) == []
    with pytest.raises(UnavailableError, match="there is no"):
        files.open(path)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("", ["a", "a/b", "a/b/c", "a/x", "m", "m/x"], id="nothing"),
        pytest.param("a", ["m", "m/x"], id="folder"),
        pytest.param("**/x", ["a", "a/b", "a/b/c", "m"], id="anywhere"),
        pytest.param("*\n!a/b/c", ["a", "a/b", "a/b/c"], id="let-in-deep-below"),
        pytest.param("*\n!a/b/none", [], id="let-in-what-is-not-there"),
        pytest.param("a\n!**/c", ["a", "a/b", "a/b/c", "m", "m/x"], id="let-in-anywhere"),
        pytest.param("a/*\n!a/x", ["a", "a/x", "m", "m/x"], id="a-folder-that-stays"),
        pytest.param("*", [], id="all"),
    ],
)
def test_ignored(tmp_path: Path, text: str, kept: list[str]) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "m").mkdir()
    for name in ("a/b/c", "a/x", "m/x"):
        (tmp_path / name).write_text("")
    files = _ignoring(tmp_path, text)
    assert _names(files) == kept
    for path in ("a", "a/b", "a/b/c", "a/x", "m", "m/x"):
        fresh = _ignoring(tmp_path, text)
        assert (fresh.get(path) is not None) is (path in kept)
        if path not in kept:
            assert fresh.why_not(path) == "it is there, but the ignore file keeps it out"


def test_what_is_kept_out_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node_modules/deep").mkdir(parents=True)
    (tmp_path / "src").mkdir()
    files = _ignoring(tmp_path, "node_modules\n*.log\n!src/a.log\n")
    listed: list[str] = []
    monkeypatch.setattr(files, "_scanned", disk.noted(files._scanned, listed))
    assert _names(files) == ["src"]
    assert listed == ["", "src"]


def test_sockets_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert _names(DirectoryFiles(tmp_path)) == []


def test_twins(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").write_text("")
    (tmp_path / "d").mkdir()
    files = DirectoryFiles(tmp_path)
    assert files.twin("a") == files.twin("b") is not None
    assert files.twin("c") is files.twin("d") is None


def test_what_threads_list_together_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "file").write_text("")
    monkeypatch.setattr(directory_files, "MAX_ENTRIES", 80)
    read: list[str] = []
    for _ in range(10):
        files = DirectoryFiles(tmp_path)
        monkeypatch.setattr(files._beneath, "digest", disk.noted(files._beneath.digest, read))
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(files.digest, [""] * 8))) == 1
    assert len(read) == 400


def test_a_file_that_is_changed_after_it_was_listed(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text("1")
    (tmp_path / "d").mkdir()
    files = DirectoryFiles(tmp_path)
    files.digest("")
    files.open("a").close()
    assert files.changed == ""
    assert not any(files.is_changed(path) for path in ("", "a", "d", "none"))
    (tmp_path / "b").write_text("22")
    (tmp_path / "d/new").write_text("")
    (tmp_path / "none").write_text("")
    assert [files.is_changed(path) for path in ("", "a", "b", "d", "none")] == [True, False, True, True, True]
    assert files.changed == ""
    files.open("b").close()
    assert files.changed == "b"


def test_attributes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    try:
        for name in ("user.mine", "user.overlay.opaque"):
            os.setxattr(tmp_path / "a", name, b"1")
    except OSError as error:
        pytest.skip(f"this file system does not take it: {error}")
    node = DirectoryFiles(tmp_path).get("a")
    assert node is not None
    assert node.xattrs == (("user.mine", b"1"),)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_devices(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "null", 0o20666, os.makedev(1, 3))
    except OSError as error:
        pytest.skip(f"not here: {error}")
    node = DirectoryFiles(tmp_path).get("null")
    assert node is not None
    assert (node.kind, node.device) == (CHARACTER, (1, 3))


@pytest.mark.parametrize("year", [-(2**31), 0, 2**34, 2**62])
def test_times_far_away(year: int) -> None:
    """On a file system that takes any."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        pytest.skip("there is no file system in memory")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = Path(folder, "file")
        path.write_text("")
        os.utime(path, (year, year))
        files = DirectoryFiles(folder)
        (node,) = files.children("")
        assert node.mtime_ns in {path.lstat().st_mtime_ns, 2**63 - 1}
        assert files.digest("") == DirectoryFiles(folder).digest("")


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="is not there"):
        DirectoryFiles(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="is not there"):
        DirectoryFiles(tmp_path / "file")


def test_a_file_that_becomes_something_else(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    for name in ("link", "fifo", "folder"):
        (root / name).write_text("")
    files = DirectoryFiles(root)
    assert len(files.children("")) == 3
    for name in ("link", "fifo", "folder"):
        (root / name).unlink()
    (root / "link").symlink_to("../secret")
    os.mkfifo(root / "fifo")
    (root / "folder").mkdir()
    for name in ("link", "fifo", "folder"):
        with pytest.raises(UnavailableError, match="no longer"):
            files.open(name)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="not installed: setpriv")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_no_permission(tmp_path: Path) -> None:
    """What cannot be read is an error that says so, unless it is kept out."""
    os.chmod(tmp_path, 0o755)  # noqa: PTH101
    (tmp_path / "closed").mkdir(mode=0o700)
    code = (
        "import sys; from lading.build.directory_files import DirectoryFiles as D\n"
        "from lading.build import content; from lading.dockerfile import dockerignore as i\n"
        "print([p for p, _ in content.walk(D(sys.argv[1], i.parse(sys.argv[2].encode(), '')), '')])"
    )
    # pytest's folders above are closed to others: handed over by a descriptor that is open already.
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    os.set_inheritable(folder, True)

    def run(text: str) -> subprocess.CompletedProcess[str]:
        argv = [
            "setpriv",
            "--reuid=12345",
            "--clear-groups",
            sys.executable,
            "-c",
            code,
            f"/proc/self/fd/{folder}",
            text,
        ]
        return subprocess.run(argv, capture_output=True, text=True, check=False, pass_fds=[folder])

    assert run("closed").stdout == "['']\n"
    failed = run("")
    assert DeniedError.__name__ in failed.stderr
    assert "permission denied" in failed.stderr
    os.close(folder)


def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory_files, "MAX_ENTRIES", 2)
    for name in "ab":
        (tmp_path / name).write_text("")
    assert _names(DirectoryFiles(tmp_path)) == ["a", "b"]
    (tmp_path / "c").write_text("")
    with pytest.raises(LimitError, match="over 2 files in the build context"):
        _names(DirectoryFiles(tmp_path))


def test_deep_paths(tmp_path: Path) -> None:
    """Deeper than Python's stack, and than one path may be long."""
    depth = 3000
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    try:
        assert len(_names(DirectoryFiles(tmp_path))) == depth
        assert len(DirectoryFiles(tmp_path).digest("")) == 32
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_what_is_plain(tmp_path: Path) -> None:
    assert DirectoryFiles(tmp_path).plain == str(tmp_path)
    assert DirectoryFiles(tmp_path, dockerignore.patterns(("x",))).plain == ""


def test_threads_see_all_of_it(tmp_path: Path) -> None:
    """Stages that are built side by side copy from one context."""
    for number in range(2000):
        (tmp_path / f"d{number % 3}").mkdir(exist_ok=True)
        (tmp_path / f"d{number % 3}/{number}").write_text("x")
    dockerignore_text = "d2/*1\n"
    with ThreadPoolExecutor(4) as pool:
        for files in (DirectoryFiles(tmp_path), _ignoring(tmp_path, dockerignore_text)):
            wanted = _names(_ignoring(tmp_path, dockerignore_text if files.plain == "" else ""))
            found = [pool.submit(_names, files) for _ in range(8)]
            assert all(one.result() == wanted for one in found)
