"""Commands in a real Alpine, by each runtime: what they see, what they change, how they end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

import needs
import running
from lading.build import run
from lading.build.run_spec import Bind, Cache, File, Limit, Tmpfs, Volume
from lading.errors import MalformedError, UsageError
from running import Runner

WAIT_S = 30.0


@pytest.fixture(params=running.RUNTIMES)
def do(request: pytest.FixtureRequest, tmp_path: Path, alpine: Path) -> Runner:
    return running.runner(tmp_path, [alpine], request.param)


@pytest.fixture(params=running.RUNTIMES)
def flat(request: pytest.FixtureRequest, tmp_path: Path, alpine: Path) -> Runner:
    """All files in one directory, which is changed itself."""
    made = running.runner(tmp_path, [], request.param)
    made.root = str(tmp_path / "root")
    subprocess.run(["cp", "-a", alpine, made.root], check=True)
    made.isolation = msgspec.structs.replace(made.isolation, overlay="none")
    return made


@pytest.fixture
def crun(tmp_path: Path, alpine: Path) -> Runner:
    return running.runner(tmp_path, [alpine])


def test_limits_and_shared_memory(do: Runner) -> None:
    limits = (Limit(name="nofile", soft=100, hard=200), Limit(name="core", soft=0, hard=0))
    script = "ulimit -n; ulimit -Hn; ulimit -c; df -k /dev/shm | awk 'END { print $2 }'; touch /dev/shm/x"
    assert do(script, limits=limits, shm_bytes=2**20).status == 0
    assert do.output.split() == ["100", "200", "0", "1024"]


def test_changes_are_in_the_upper_directory_alone(do: Runner) -> None:
    ended = do("echo new > /etc/new; rm /etc/motd; echo out; echo err >&2; exit 3")
    assert (ended.status, sorted(do.output.split())) == (3, ["err", "out"])
    assert do.changed() == ["etc", "etc/motd", "etc/new"]
    assert (do.upper / "etc/new").read_text() == "new\n"
    motd = (do.upper / "etc/motd").lstat()
    assert stat.S_ISCHR(motd.st_mode)
    assert motd.st_rdev == 0


def test_nothing_of_the_mounts_is_left(do: Runner, alpine: Path) -> None:
    """Not even an empty file, or another time of a directory."""
    secret = File(target="/run/secrets/token", content=b"geheim", uid=5)
    ended = do("cat /run/secrets/token; cat /etc/resolv.conf > /dev/null", mounts=(secret,))
    assert (ended.status, do.output) == (0, "geheim")
    assert {"/etc/resolv.conf", "/run/secrets", "/run/secrets/token"} == set(ended.stubs)
    on_disk = subprocess.run(["grep", "-rl", "geheim", do.folder], capture_output=True, check=False)
    assert (on_disk.returncode, on_disk.stdout) == (1, b"")
    # Directories that were touched are copied up, and are as they were.
    assert do.changed() == ["etc", "run"]
    for name in ("", "etc", "run"):
        before, after = (alpine / name).stat(), (do.upper / name).stat()
        assert (before.st_mtime_ns, before.st_mode) == (after.st_mtime_ns, after.st_mode)


def test_what_a_command_puts_beside_a_mount_point_stays(do: Runner) -> None:
    ended = do("echo kept > /made/kept", mounts=(Tmpfs(target="/made/by/mount"),))
    assert ended.status == 0
    assert do.changed() == ["etc", "made", "made/kept"]


def test_renamed_directory_of_a_mount_point(crun: Runner) -> None:
    ended = crun("mv /made /renamed", mounts=(Tmpfs(target="/made/inner"),))
    assert ended.status == 0, crun.output
    assert [name for name in crun.changed() if "made" in name or "inner" in name] == []


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (("/bin/sh", "-c", "exit 42"), 42),
        (("/bin/sh", "-c", "sh -c 'kill -15 $$'; exit $?"), 143),
        (("/no/such",), 127),
        (("nosuch",), 127),
        (("/etc/passwd",), 126),
        (("/etc",), 126),
        (("true",), 0),
    ],
)
def test_status(do: Runner, argv: tuple[str, ...], status: int) -> None:
    assert do.words(argv).status == status


def test_user_groups_directory_and_input(do: Runner) -> None:
    ended = do("id; pwd; cat", uid=5, gid=6, groups=(7, 8), cwd="/tmp", stdin=b"given")
    assert ended.status == 0
    assert do.output == "uid=5(sync) gid=6(disk) groups=7(lp),8(mem)\n/tmp\ngiven"


def test_input_is_empty_otherwise(do: Runner) -> None:
    assert do("cat; echo end").status == 0
    assert do.output == "end\n"


def test_environment_is_what_was_given(do: Runner) -> None:
    do("env | sort", env={**running.ENVIRONMENT, "A": "b c\nd", "HOME": "/root"})
    lines = [line for line in do.output.splitlines() if not line.startswith(("PWD=", "SHLVL="))]
    assert lines == ["A=b c", "HOME=/root", f"PATH={running.ENVIRONMENT['PATH']}", "d"]


def test_sandbox(do: Runner) -> None:
    do(
        "grep CapEff /proc/self/status; mount -t tmpfs none /mnt 2>&1; hostname; ps | wc -l; echo $(cat /proc/1/comm)"
    )
    words = do.output.splitlines()
    assert words[0].split() == ["CapEff:", "00000000a80425fb"], words
    assert "permission denied" in words[1]
    assert words[2:] == ["lading", "4", "sh"]


def test_capabilities_of_others_than_root(do: Runner) -> None:
    do("grep CapEff /proc/self/status", uid=1000)
    assert do.output.split() == ["CapEff:", "0" * 16]


def test_insecure(do: Runner) -> None:
    ended = do("mount -t tmpfs none /mnt && echo mounted", security="insecure")
    assert (ended.status, do.output) == (0, "mounted\n")


def test_network(do: Runner) -> None:
    do(
        "ip link | grep -c mtu; ping -c 1 localhost > /dev/null && cat /etc/hosts; wc -c < /etc/resolv.conf",
        network="none",
        hosts=(("db", "10.9.8.7"),),
    )
    assert do.output.split()[0] == "1"
    assert "10.9.8.7\tdb" in do.output
    assert do.output.splitlines()[-1] == "0"
    do("cat /etc/resolv.conf")
    assert do.output == Path("/etc/resolv.conf").read_text("utf-8")
    do("ls /proc/self/ns/net -l | sed 's/.*net:/net:/'")
    assert do.output.strip() == str(Path("/proc/self/ns/net").readlink())


def test_read_only(do: Runner) -> None:
    ended = do("echo > /x", read_only=True)
    assert ended.status != 0
    assert "Read-only" in do.output
    assert not (do.upper / "x").exists()


class TestMounts:
    def test_bind_of_a_directory(self, do: Runner, tmp_path: Path) -> None:
        source = tmp_path / "source"
        (source / "sub").mkdir(parents=True)
        (source / "sub/file").write_text("text")
        (source / "out").symlink_to("/etc")
        mount = Bind(target="/src", directory=str(source), source="sub")
        assert do("cat /src/file; echo > /src/file", mounts=(mount,)).status != 0
        assert do.output.startswith("text")
        assert "Read-only" in do.output
        # A link leads to what it means within, not on the machine.
        with pytest.raises(MalformedError, match="there is no 'out' to mount"):
            do("true", mounts=(Bind(target="/src", directory=str(source), source="out"),))
        assert (
            do("cat /one", mounts=(Bind(target="/one", directory=str(source), source="sub/file"),)).status
            == 0
        )
        assert do.output == "text"

    @pytest.mark.parametrize("layered", [False, True])
    def test_what_is_written_to_a_bind_is_lost(self, do: Runner, tmp_path: Path, *, layered: bool) -> None:
        low, high = tmp_path / "low", tmp_path / "high"
        low.mkdir()
        high.mkdir()
        (low / "a").write_text("a")
        (high / "b").write_text("b")
        lowers = (str(low), str(high)) if layered else ()
        mount = Bind(target="/src", lowers=lowers, directory="" if layered else str(low), read_only=False)
        assert do("cat /src/*; echo; echo > /src/c; rm /src/a; ls /src", mounts=(mount,)).status == 0
        assert do.output.split() == (["ab", "b", "c"] if layered else ["a", "c"])
        assert sorted(path.name for path in low.iterdir()) == ["a"]
        assert [name for name in do.changed() if name.startswith("src")] == []

    def test_volume(self, do: Runner, tmp_path: Path) -> None:
        folder = tmp_path / "v"
        folder.mkdir()
        assert do("echo kept > /v/file", mounts=(Volume(target="/v", source=str(folder)),)).status == 0
        assert (folder / "file").read_text() == "kept\n"
        ended = do("echo > /v/no", mounts=(Volume(target="/v", source=str(folder), read_only=True),))
        assert ended.status != 0
        assert not (folder / "no").exists()

    def test_cache(self, do: Runner, tmp_path: Path) -> None:
        mount = Cache(target="/c", directory=str(tmp_path / "caches/one"), sharing="locked")
        for number in (1, 2, 3):
            assert do("echo >> /c/count; wc -l < /c/count", mounts=(mount,)).status == 0
            assert do.output == f"{number}\n"
        assert do("echo > /c/no", mounts=(msgspec.structs.replace(mount, read_only=True),)).status != 0
        assert do.changed() == ["etc"]

    def test_tmpfs(self, do: Runner) -> None:
        ended = do(
            "stat -c %a /t; head -c 2000000 /dev/zero > /t/big",
            mounts=(Tmpfs(target="/t", size_bytes=2**20),),
        )
        assert ended.status != 0
        assert "error" in do.output
        assert do.output.startswith("1777\n")

    def test_order_is_by_depth(self, do: Runner) -> None:
        mounts = (File(target="/a/b/file", content=b"inner"), Tmpfs(target="/a"))
        assert do("cat /a/b/file", mounts=mounts).status == 0
        assert (do.output, do.changed()) == ("inner", ["etc"])

    def test_target_is_a_link_of_the_image(self, do: Runner, alpine: Path, tmp_path: Path) -> None:
        layer = tmp_path / "layer"
        (layer / "etc").mkdir(parents=True)
        (layer / "etc/resolv.conf").symlink_to("../run/systemd/resolve/stub")
        (layer / "evil").symlink_to("../../../../../../tmp/out")
        do.lowers = [alpine, layer]
        assert do("cat /evil", mounts=(File(target="/evil", content=b"in"),)).status == 0
        assert do.output == "in"
        assert not Path("/tmp/out").exists()
        assert [name for name in do.changed() if "systemd" in name or "out" in name] == []

    def test_target_of_another_kind(self, do: Runner) -> None:
        with pytest.raises(MalformedError, match="/etc/passwd: is a file in the image"):
            do("true", mounts=(Tmpfs(target="/etc/passwd"),))
        with pytest.raises(MalformedError, match="/etc: is a directory in the image"):
            do("true", mounts=(File(target="/etc", content=b""),))
        with pytest.raises(MalformedError, match="/etc/passwd/x: leads through a file"):
            do("true", mounts=(Tmpfs(target="/etc/passwd/x"),))


class TestFlat:
    """Where no directories can be laid over each other."""

    def test_changes(self, flat: Runner, alpine: Path) -> None:
        secret = File(target="/run/secrets/token", content=b"geheim")
        before = _listing(alpine)
        ended = flat(
            "cat /run/secrets/token; rm /etc/motd; echo > /etc/new; touch -r /lib /etc", mounts=(secret,)
        )
        assert (ended.status, flat.output) == (0, "geheim")
        after = _listing(Path(flat.root))
        assert set(before) - set(after) == {"etc/motd"}
        assert set(after) - set(before) == {"etc/new"}
        assert [
            name for name in after if name in before and name != "etc" and after[name] != before[name]
        ] == []

    def test_what_is_written_to_a_bind_is_lost(self, flat: Runner, tmp_path: Path) -> None:
        source = tmp_path / "source/sub"
        source.mkdir(parents=True)
        (source / "file").write_text("text")
        (source / "link").symlink_to("file")
        os.mkfifo(source / "fifo")
        os.chown(source / "file", 5, 6)
        mount = Bind(target="/src", directory=str(tmp_path / "source"), source="sub", read_only=False)
        assert (
            flat(
                "cat /src/link; stat -c %u:%g /src/file; rm /src/*; ls /src; touch /src/x", mounts=(mount,)
            ).status
            == 0
        )
        assert flat.output == "text5:6\n"
        assert sorted(path.name for path in source.iterdir()) == ["fifo", "file", "link"]


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {str(path.relative_to(folder)): (one.st_mode, one.st_mtime_ns) for path, one in found.items()}


@needs.tool("fuse-overlayfs")
def test_layers_by_fuse(do: Runner, alpine: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "etc").mkdir(parents=True)
    (layer / "etc/new").write_text("new")
    do.lowers = [alpine, layer]
    do.isolation = msgspec.structs.replace(do.isolation, overlay="fuse")
    assert (
        do("cat /etc/new; rm /etc/motd; head -c 3000000 /dev/zero > /big; grep -c fuse /proc/mounts").status
        == 0
    )
    assert do.output == "new1\n"
    assert (do.upper / "big").stat().st_size == 3_000_000
    assert do.changed() == ["big", "etc", "etc/motd"]


def test_many_layers_with_strange_names(do: Runner, alpine: Path, tmp_path: Path) -> None:
    """More than a page of names, with what separates them in the kernel's eyes."""
    layers = []
    for number in range(200):
        layer = tmp_path / "a:b,c\\d" / f"layer number {number}"
        layer.mkdir(parents=True)
        (layer / f"file-{number}").touch()
        layers.append(layer)
    do.lowers = [alpine, *layers]
    assert do("ls / | grep -c file-").status == 0
    assert do.output == "200\n"


def test_output_without_a_line_end_and_without_sense(do: Runner) -> None:
    do("printf 'a\\nb'; printf '\\377'; head -c 200000 /dev/zero | tr '\\0' x")
    assert do.said[0].startswith("a\n")
    assert do.output == "a\nb\N{REPLACEMENT CHARACTER}" + "x" * 200_000


def test_text_that_is_no_utf8(crun: Runner) -> None:
    with pytest.raises(UsageError, match="no UTF-8"):
        crun.words(("/bin/echo", "\udcff"))


class TestLimits:
    def test_one_that_forks_without_end(self, do: Runner) -> None:
        if not do.isolation.pids:
            pytest.skip("no group that counts processes can be made here: it would take the machine with it")
        ended = do("f() { f | f & }; f; f; sleep 1; exit 1", max_processes=100)
        assert ended.status != 0  # 2 where the shell itself could not go on
        assert "fork" in do.output
        if do.isolation.runtime != "runc":
            assert ended.message == "it had 100 processes and threads, and could not start more"

    def test_one_that_fills_the_disk(self, do: Runner, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", disk], check=True)
        try:
            do.folder = disk
            ended = do("cat /dev/zero > /big; exit 7")
            assert ended.status == 7
            assert ended.message == "there is no space left where its files are kept"
        finally:
            subprocess.run(["umount", disk], check=True)


def test_a_handler_of_signals_may_pass_on_while_a_command_begins() -> None:
    """It runs in the thread that it interrupts, at any point, also with the lock of the control in its hands."""
    script = """
import os, signal, threading, time
from lading.build.run import Control
control = Control()
signal.signal(signal.SIGUSR1, lambda sent, _: control.signal(sent))
over = threading.Event()
def send():
    while not over.is_set():
        os.kill(os.getpid(), signal.SIGUSR1)
threading.Thread(target=send, daemon=True).start()
class Cell:
    def signal(self, number): pass
until = time.monotonic() + 1
while time.monotonic() < until:
    with control.holding(Cell()):
        pass
over.set()
print("done")
"""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, env=environ)  # noqa: PLW1510
    assert done.stdout == b"done\n"


class TestEnd:
    def test_stopped(self, do: Runner) -> None:
        control = run.Control()
        threading.Timer(0.5, control.stop).start()
        ended = do("trap 'echo told; exit 9' TERM; sleep 1000 & wait", control=control)
        assert (ended.status, ended.killed_by, do.output) == (9, "stop", "told\n")

    def test_stopped_by_force(self, do: Runner) -> None:
        control = run.Control()
        threading.Timer(0.3, control.stop).start()
        ended = do("trap '' TERM; sleep 1000; sleep 1000", control=control, grace_s=0.2)
        assert (ended.status, ended.killed_by) == (137, "stop")

    def test_stopped_before_it_began(self, do: Runner) -> None:
        control = run.Control()
        control.stop()
        ended = do("sleep 1000", control=control, grace_s=0.1)
        assert ended.killed_by == "stop"

    def test_signal(self, do: Runner) -> None:
        control = run.Control()
        threading.Timer(0.5, control.signal, [signal.SIGHUP]).start()
        assert do("trap 'exit 5' HUP; while :; do sleep 0.1; done", control=control).status == 5

    def test_what_is_left_in_the_background_ends(self, do: Runner) -> None:
        assert do("sleep 7531 & sleep 7532 & setsid sleep 7533 & echo done").status == 0
        assert do.output == "done\n"
        assert running.processes("sleep\x00753") == []


@pytest.mark.parametrize("runtime", running.RUNTIMES)
def test_nothing_is_left_when_lading_is_killed(tmp_path: Path, alpine: Path, runtime: str) -> None:
    do = running.runner(tmp_path, [alpine], runtime)  # type: ignore[arg-type]  # one of them
    spec = do.spec(("/bin/sh", "-c", "trap '' TERM; echo up > /up; sleep 8642 & setsid sleep 8643 & wait"))
    data = msgspec.json.encode((spec, do.isolation))
    code = (
        "import sys, msgspec; from lading.build import run; from lading.build.run_spec import *;"
        "s, i = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[RunSpec, Isolation]);"
        "run.execute(s, i, output=print)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(data)
        process.stdin.close()
        _until(lambda: (do.upper / "up").exists() and len(running.processes("sleep\x00864")) == 2)
        process.kill()
    _until(lambda: not running.processes("sleep\x00864"))
    _until(lambda: not running.processes(str(tmp_path)))
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()


def _until(true: object) -> None:
    assert callable(true)
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
