"""What is handed to `lading build` by somebody who means ill, or by bad luck: the real program, end to end."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import stat
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

import imaging
import needs
from cli import stocked
from loopback import Exchange
from program import Lading, registry

pytestmark = [needs.root(), needs.tool("crun")]

SECRET = b"cei8ohGh-Aeth1xu-oHie4oox"


@pytest.fixture
def lading(tmp_path: Path) -> Lading:
    """Return the program with the real Alpine as `alpine:3.10`, and a context."""
    made = Lading(tmp_path)
    stocked.tag(made, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    (tmp_path / "context").mkdir()
    return made


def _write(lading: Lading, text: str) -> Path:
    context = lading.folder / "context"
    (context / "Dockerfile").write_text(text)
    return context


def _ok(lading: Lading, *arguments: str) -> str:
    done = lading(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def _refused(lading: Lading, *arguments: str) -> str:
    """Return what a build says that fails, as it should: with an error of ours."""
    done = lading("build", *arguments)
    assert done.returncode in {2, 3}
    assert b"Traceback" not in done.stderr
    return done.stderr.decode()


def _members(lading: Lading, name: str = "app") -> dict[str, tarfile.TarInfo]:
    """Return what an image's layers bring, by path."""
    found: dict[str, tarfile.TarInfo] = {}
    for digest in _layers(lading, name):
        with tarfile.open(stocked.blob(lading, digest)) as archive:
            found.update({member.name: member for member in archive})
    return found


def _layers(lading: Lading, name: str) -> list[str]:
    return [layer["digest"] for layer in json.loads(_ok(lading, "inspect", name))["manifest"]["layers"]]


def _assert_clean(lading: Lading) -> None:
    """Nothing is mounted, half-written or held."""
    assert str(lading.folder) not in Path("/proc/self/mounts").read_text()
    assert list(lading.folder.glob("cache/build/files-*/tmp/*")) == []
    assert list(lading.folder.glob("data/images/.tmp/*")) == []


def _commands(word: str) -> list[str]:
    """Return the processes of this machine that have a word among their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in process.read_bytes():
                found.append(process.parent.name)
    return found


class TestContext:
    def test_what_leads_outside_stays_a_link(self, lading: Lading) -> None:
        outside = lading.folder / "outside"
        outside.mkdir()
        (outside / "private").write_bytes(SECRET)
        context = _write(lading, "FROM scratch\nCOPY . /all/\n")
        (context / "absolute").symlink_to(outside / "private")
        (context / "relative").symlink_to("../outside")
        assert _ok(lading, "build", "-t", "app", "context")
        found = _members(lading)
        assert found["all/absolute"].issym()
        assert found["all/relative"].linkname == "../outside"
        assert _holding(lading.folder, SECRET) == [outside / "private"]

    @pytest.mark.parametrize(
        "source",
        ["../outside/private", "/../../outside/private", "relative/private", "relative/*", "absolute/"],
    )
    @pytest.mark.parametrize("instruction", ["COPY", "ADD"])
    def test_sources_that_lead_outside(self, lading: Lading, source: str, instruction: str) -> None:
        outside = lading.folder / "outside"
        outside.mkdir()
        (outside / "private").write_bytes(SECRET)
        context = _write(lading, f"FROM scratch\n{instruction} {source} /x/\n")
        (context / "relative").symlink_to("../outside")
        (context / "absolute").symlink_to(outside)
        assert "line 2" in _refused(lading, "context")
        assert _holding(lading.folder, SECRET) == [outside / "private"]

    def test_a_dockerfile_that_is_a_link_to_outside(self, lading: Lading) -> None:
        (lading.folder / "private").write_bytes(SECRET)
        (lading.folder / "context" / "Dockerfile").symlink_to("../private")
        told = _refused(lading, "context")
        assert "Dockerfile is a link to ../private, which is not there" in told
        assert SECRET.decode() not in told

    def test_devices_pipes_and_sockets(self, lading: Lading) -> None:
        context = _write(lading, "FROM scratch\nCOPY . /all/\n")
        os.mknod(context / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        os.mkfifo(context / "pipe")
        (context / "file").write_text("x")
        # They come along as what they are; nothing is read from them.
        _ok(lading, "build", "-t", "app", "context")
        found = _members(lading)
        assert found["all/file"].size == 1
        assert found["all/zero"].ischr()
        assert found["all/pipe"].isfifo()

    def test_a_hundred_thousand_files(self, lading: Lading) -> None:
        # In memory, since to make so many files on a disk takes most of a minute.
        with _small_disk(lading.folder / "many", "400m"):
            for folder in range(100):
                (lading.folder / "many" / str(folder)).mkdir()
                for name in range(1000):
                    os.mknod(lading.folder / "many" / str(folder) / str(name), 0o644)
            (lading.folder / "many" / "Dockerfile").write_text("FROM scratch\nCOPY . /all/\n")
            assert _peak_kb(lading, "build", "-t", "app", "many") < 300_000
            assert _peak_kb(lading, "build", "-t", "app", "many") < 200_000
        assert len(_members(lading)) == 100_102


def _peak_kb(lading: Lading, *arguments: str) -> int:
    process = subprocess.Popen(
        lading.command(arguments), cwd=lading.folder, env=lading.environment(), stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


def _holding(folder: Path, needle: bytes) -> list[Path]:
    """Return the files below a folder in which some bytes stand, plain or compressed."""
    return sorted(path for path in folder.rglob("*") if _is_file(path) and needle in _all_bytes(path))


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _all_bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return data + zstandard.ZstdDecompressor().decompressobj().decompress(data)
    if data[:2] == b"\x1f\x8b":
        return data + gzip.decompress(data)
    return data


class TestSecrets:
    @pytest.mark.parametrize("status", [0, 9])
    @pytest.mark.parametrize("compression", ["gzip", "none"])
    def test_they_are_nowhere(self, lading: Lading, status: int, compression: str) -> None:
        (lading.folder.parent / "secret").write_bytes(SECRET)
        _write(
            lading,
            "FROM alpine:3.10\n"
            f"RUN --mount=type=secret,id=one [ $(wc -c < /run/secrets/one) = {len(SECRET)} ] && echo seen > /x\n"
            f"RUN --mount=type=secret,id=two,env=TWO [ ${{#TWO}} = {len(SECRET)} ] && echo seen > /y; exit {status}\n",
        )
        done = lading(
            "build", "-t", "app", "--secret", f"id=one,src={lading.folder.parent}/secret", "--secret", "id=two,env=GIVEN",
            "--debug", "--compression", compression, "context", environ={"GIVEN": SECRET.decode()},
        )  # fmt: skip
        assert (done.returncode == 0) is (status == 0), done.stderr
        if status:
            assert b"line 3: exit status 9" in done.stderr
        else:
            assert {"x", "y"} <= set(_members(lading))
            assert not any("secrets" in name for name in _members(lading))
            assert SECRET not in lading("history", "--format", "json", "app").stdout
        assert SECRET not in done.stderr + done.stdout
        assert _holding(lading.folder, SECRET) == []

    def test_the_search_finds_what_is_written(self, lading: Lading) -> None:
        (lading.folder.parent / "secret").write_bytes(SECRET)
        _write(lading, "FROM alpine:3.10\nRUN --mount=type=secret,id=one cat /run/secrets/one > /x\n")
        _ok(lading, "build", "-t", "app", "--secret", f"id=one,src={lading.folder.parent}/secret", "context")
        found = _holding(lading.folder, SECRET)
        assert stocked.blob(lading, _layers(lading, "app")[-1]) in found


class TestCommands:
    def test_one_that_fills_the_disk(self, lading: Lading) -> None:
        _write(lading, "FROM alpine:3.10\nRUN cat /dev/zero > /big\n")
        small = {"LADING_CACHE_DIR": str(lading.folder / "disk")}
        with _small_disk(lading.folder / "disk", "60m"):
            done = lading("build", "context", environ=small)
            assert done.returncode == 3
            assert b"line 2: exit status 1 (there is no space left where its files are kept)" in done.stderr
            assert list((lading.folder / "disk").glob("build/files-*/tmp/*")) == []
            _write(lading, "FROM alpine:3.10\nRUN echo x > /small\n")
            done = lading("build", "context", environ=small)
            assert done.returncode == 0, done.stderr
        _assert_clean(lading)

    def test_one_that_forks_without_end(self, lading: Lading) -> None:
        """It is held to a number of processes, told so, and none of them stays."""
        _write(lading, "FROM alpine:3.10\nRUN while :; do sleep 86399 & done\n")
        done = lading("build", "context")
        assert done.returncode == 3
        assert b"line 2: exit status 2 (it had 4096 processes and threads" in done.stderr
        assert _commands("86399") == []
        _assert_clean(lading)

    def test_a_fork_bomb(self, lading: Lading) -> None:
        """Its first process ends at once, and with it all that it has started."""
        _write(lading, "FROM alpine:3.10\nRUN b() { b 86398 | b 86398 & }; b\n")
        done = lading("build", "context")
        assert b"Traceback" not in done.stderr
        assert _commands("86398") == []
        _assert_clean(lading)

    def test_a_base_that_does_not_fit(self, lading: Lading) -> None:
        _write(lading, "FROM alpine:3.10\nRUN true\n")
        with _small_disk(lading.folder / "disk", "3m"):
            done = lading("build", "context", environ={"LADING_CACHE_DIR": str(lading.folder / "disk")})
        assert done.returncode == 3
        assert b"No space left on device" in done.stderr
        assert b"Traceback" not in done.stderr
        _assert_clean(lading)

    def test_a_layer_that_does_not_fit(self, lading: Lading) -> None:
        context = _write(lading, "FROM scratch\nCOPY big /\n")
        (context / "big").write_bytes(os.urandom(20_000_000))
        with _small_disk(lading.folder / "disk", "10m"):
            done = lading("build", "context", environ={"LADING_DATA_DIR": str(lading.folder / "disk")})
            left = [
                path
                for path in (lading.folder / "disk").rglob("*")
                if path.is_file() and path.stat().st_size > 100_000
            ]
        assert done.returncode == 3
        assert b"No space left on device" in done.stderr
        assert b"Traceback" not in done.stderr
        assert left == []
        _assert_clean(lading)


@contextlib.contextmanager
def _small_disk(place: Path, size: str) -> Iterator[None]:
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


class TestBases:
    def test_one_for_another_platform(self, lading: Lading) -> None:
        imaging.write_layout(lading.folder / "other", [stocked.BASE], "latest", architecture="s390x")
        _ok(lading, "tag", "--platform", "linux/s390x", "oci:other", "127.0.0.1:9/other")
        _write(lading, "FROM 127.0.0.1:9/other\nRUN true\n")
        told = _refused(lading, "context")
        assert "s390x" in told
        assert "line 1" in told

    def test_a_setuid_file_stays_one(self, lading: Lading) -> None:
        _base(lading, _entry("bin/tool", b"x", mode=0o4755), _entry("bin/other", b"y", mode=0o2755, gid=5))
        _write(lading, "FROM base AS b\nFROM scratch\nCOPY --from=b /bin /bin\n")
        _ok(lading, "build", "-t", "app", "context")
        found = _members(lading)
        assert (found["bin/tool"].mode, found["bin/other"].mode) == (0o4755, 0o2755)

    @pytest.mark.parametrize("step", ["RUN true", "COPY --from=b / /", "COPY --from=b /bin/tool /x"])
    def test_a_hard_link_to_nothing(self, lading: Lading, step: str) -> None:
        link = tarfile.TarInfo("bin/tool")
        link.type, link.linkname = tarfile.LNKTYPE, "bin/missing"
        _base(lading, (link, b""))
        _write(lading, f"FROM base AS b\nFROM b\n{step}\n")
        told = _refused(lading, "context")
        assert "bin/missing" in told
        assert "lading: " in told
        _assert_clean(lading)

    @pytest.mark.parametrize("name", ["../../outside", "/../outside", "link/outside"])
    def test_a_layer_that_leads_outside(self, lading: Lading, name: str) -> None:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../../../../.." + str(lading.folder)
        _base(lading, (link, b""), _entry(name, b"x"))
        _write(lading, 'FROM base\nCOPY Dockerfile /y\nRUN ["/none"]\n')
        done = lading("build", "context")
        assert done.returncode == 3
        assert b"Traceback" not in done.stderr
        assert [path for path in lading.folder.rglob("outside") if "files-" not in str(path)] == []
        assert not (lading.folder.parent / "outside").exists()


def _entry(name: str, data: bytes, *, mode: int = 0o644, gid: int = 0) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.gid, entry.size = mode, gid, len(data)
    return entry, data


def _base(lading: Lading, *entries: tuple[tarfile.TarInfo, bytes]) -> None:
    """Put an image of one layer into the store, as `base`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for entry, data in entries:
            archive.addfile(entry, io.BytesIO(data))
    imaging.write_layout(lading.folder / "base", [out.getvalue()], "latest")
    stocked.tag(lading, "oci:base", "base")


class TestKilled:
    def test_in_a_command(self, lading: Lading) -> None:
        _write(lading, "FROM alpine:3.10\nRUN echo x > /x; echo begun; sleep 100\n")
        with _killed(lading.start("build", "context")) as process:
            assert process.stderr is not None
            while b"| begun" not in (line := process.stderr.readline()):
                assert line, "it ended"
        _goes_on(lading)

    def test_in_a_copy(self, lading: Lading) -> None:
        context = _write(lading, "FROM alpine:3.10\nCOPY big /\n")
        with (context / "big").open("wb") as file:
            for _ in range(300):
                file.write(os.urandom(1 << 20))
        before = {path.name for path in (lading.folder / "data/images/blobs/sha256").iterdir()}
        with _killed(lading.start("build", "context")):
            _until(lambda: _written(lading) > 5_000_000)
        assert {path.name for path in (lading.folder / "data/images/blobs/sha256").iterdir()} == before
        _goes_on(lading)

    def test_while_a_base_is_fetched(self, lading: Lading) -> None:
        imaging.write_layout(lading.folder / "far", [imaging.tar({"f": os.urandom(6_000_000)})], "test")

        calls: list[int] = []
        with registry(lading.folder / "far", _stalling(calls)) as served:
            _write(lading, f"FROM {served.host}/image:test\nCOPY Dockerfile /\n")
            with _killed(lading.start("build", "--insecure", "context")):
                _until(lambda: _written(lading) > 500_000)
            assert stocked.names(lading) == ["docker.io/library/alpine:3.10"]
            _ok(lading, "build", "--insecure", "-t", "app", "context")
        assert len(_layers(lading, "app")) == 2
        _goes_on(lading)


def _stalling(calls: list[int]) -> Callable[[Exchange, bytes], None]:
    """Return how a registry answers that stops in the middle, the first time."""

    def answer(exchange: Exchange, data: bytes) -> None:
        calls.append(1)
        if len(calls) > 1:
            exchange.reply(body=data)
            return
        exchange.send_response(200)
        exchange.send_header("Content-Length", str(len(data)))
        exchange.end_headers()
        exchange.raw(data[:4_000_000])
        exchange.stall()

    return answer


def _until(done: Callable[[], bool]) -> None:
    for _ in range(3000):
        if done():
            return
        time.sleep(0.01)
    pytest.fail("it did not come so far")


def _written(lading: Lading) -> int:
    """Return the size of the largest file that the store has in the making."""
    largest = 0
    for path in (lading.folder / "data/images/.tmp").rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            largest = max(largest, path.stat().st_size)
    return largest


@contextlib.contextmanager
def _killed(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Kill a process, as nobody can prevent, when it has come as far as it should."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _goes_on(lading: Lading) -> None:
    """After somebody was killed, the next build works as if nothing had been, and takes away what was left."""
    _write(lading, "FROM alpine:3.10\nRUN true\nCOPY Dockerfile /\n")
    _ok(lading, "build", "-t", "next", "context")
    _assert_clean(lading)
    store = lading.folder / "data/images"
    for path in (store / "blobs/sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
