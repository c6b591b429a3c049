"""Users who are not root: what ids they get, how signals and status come through, and commands run by them."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import needs
import ordinary
import running
from lading.build import userns
from lading.build.run_spec import Bind, Cache, File, Isolation, Outcome, RunSpec, Tmpfs
from lading.build.userns import Ids, Range
from ordinary import User

PROGRAM = Path(running.__file__).with_name("userns_run.py")


@pytest.fixture(scope="module", params=[True, False], ids=["ids-of-subuid", "one-id"])
def somebody(request: pytest.FixtureRequest) -> Iterator[User]:
    with ordinary.user(subordinate=request.param) as made:
        yield made


@pytest.fixture(scope="module")
def layer() -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="lading-layer-") as file:
        file.write(running.alpine_layer())
        file.flush()
        Path(file.name).chmod(0o644)
        yield Path(file.name)


def _python(code: str, *more: str) -> list[str]:
    head = "import os, sys, signal, time; from lading.build import userns\n"
    return [sys.executable, "-c", head + code, *more]


class TestIds:
    @pytest.fixture(autouse=True)
    def _programs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("newuidmap", "newgidmap"):
            (tmp_path / name).touch(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    @pytest.mark.parametrize(
        ("subuid", "subgid", "expected"),
        [
            ("{name}:1000:10\n", "{name}:2000:20\n", Ids((Range(0, 7, 1), Range(1, 1000, 10)), (Range(0, 8, 1), Range(1, 2000, 20)))),
            (
                "other:1:2\n7:1000:10\n{name}:5000:5\n", "7:2000:20\n",
                Ids((Range(0, 7, 1), Range(1, 1000, 10), Range(11, 5000, 5)), (Range(0, 8, 1), Range(1, 2000, 20))),
            ),
            ("# {name}\n{name}:x:10\n{name}:5\n{name}::\n{name}:1:0\n\n", "{name}:1:1\n", None),
            ("{name}:1000:10\n", "", None),
            ("", "{name}:1000:10\n", None),
            (None, None, None),
        ],
        ids=["by-name", "several", "broken", "no-groups", "no-users", "no-files"],
    )  # fmt: skip
    def test_from_files(
        self, tmp_path: Path, subuid: str | None, subgid: str | None, expected: Ids | None
    ) -> None:
        name = pwd.getpwuid(7).pw_name
        for file, text in (("subuid", subuid), ("subgid", subgid)):
            if text is not None:
                (tmp_path / file).write_text(text.format(name=name))
        assert userns.subordinate(7, 8, tmp_path) == expected

    def test_without_the_programs(self, tmp_path: Path) -> None:
        (tmp_path / "subuid").write_text("7:1000:10\n")
        (tmp_path / "subgid").write_text("7:1000:10\n")
        (tmp_path / "newgidmap").unlink()
        assert userns.subordinate(7, 8, tmp_path) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_need_not() -> None:
    assert userns.enter([sys.executable, "-c", "raise SystemExit(1)"]) is None


@needs.tool("newuidmap", "newgidmap")
def test_who_one_is_within(somebody: User) -> None:
    inner = "import os; print(os.getuid(), os.getgid()); print(*open('/proc/self/uid_map').read().split())"
    done = somebody.run(_python("sys.exit(userns.enter([sys.executable, '-c', sys.argv[1]]))", inner))
    first, ids = done.stdout.splitlines()
    assert first == "0 0"
    assert ids.startswith(f"0 {somebody.uid} 1")
    assert (len(ids.split()) > 3) is somebody.subordinate


@pytest.mark.parametrize(
    ("inner", "status"),
    [("sys.exit(5)", 5), ("os.kill(os.getpid(), 15)", 143), ("os.execv('/no/such', ['x'])", 1)],
)
def test_status(somebody: User, inner: str, status: int) -> None:
    code = "sys.exit(userns.enter([sys.executable, '-c', sys.argv[1]]))"
    assert somebody.run(_python(code, "import os, sys; " + inner)).returncode == status


def test_a_program_that_there_is_none_of(somebody: User) -> None:
    assert somebody.run(_python("sys.exit(userns.enter(['/no/such']))")).returncode == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_passed_on(somebody: User, number: int) -> None:
    inner = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\ntime.sleep(100)"
    )
    with _started(somebody, inner) as process:
        process.send_signal(number)
        assert process.wait(60) == 9


def test_the_child_ends_with_its_parent(somebody: User) -> None:
    with _started(somebody, "import time; print('ready', flush=True); time.sleep(8753)") as process:
        assert running.processes("sleep(8753)")
        process.kill()
        process.wait()
        end = time.monotonic() + 30
        while running.processes("sleep(8753)"):
            assert time.monotonic() < end
            time.sleep(0.02)


def _started(user: User, inner: str) -> subprocess.Popen[str]:
    code = "sys.exit(userns.enter([sys.executable, '-c', sys.argv[1]]))"
    process = subprocess.Popen(
        user.command(_python(code, inner)), stdout=subprocess.PIPE, text=True, cwd=user.folder,
        env=user.environment(),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_who_may_not() -> None:
    """In a namespace that allows none below: an error that says what to do; root goes on as it is."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    code = (
        "from lading.errors import DeniedError\n"
        "os.setresgid(1000, 1000, 1000)\nos.setresuid(*[int(sys.argv[1])] * 3)\n"
        "userns.syscalls.may_mount = lambda: False\n"
        "try:\n    print(userns.enter([sys.executable]))\n"
        "except DeniedError as error:\n    print(error, '|', error.hint)"
    )
    outside = _python("sys.exit(userns._enter(sys.argv[1:], userns._write_maps(userns._everything())))")
    script = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    said = []
    for uid in ("1000", "0"):
        words = [*outside, "/bin/sh", "-c", script, "sh", *_python(code, uid)]
        said.append(subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip())
    assert said[0].startswith(
        "this user may not make user namespaces: No space left on device | the system can"
    )
    assert said[1] == "None"


class TestCommands:
    """The whole way: as a user who is not root, by each runtime."""

    @pytest.fixture(params=running.RUNTIMES)
    def runtime(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def _run(self, user: User, layer: Path, runtime: str, *specs: RunSpec) -> list[Any]:
        folder = user.new_folder()
        done = subprocess.run(
            user.command([sys.executable, str(PROGRAM), str(layer), str(folder), runtime, ""]),
            input=msgspec.json.encode(specs), capture_output=True, check=False, env=user.environment(), cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        found, *ends = msgspec.json.decode(done.stdout)
        isolation = msgspec.convert(found, Isolation)
        assert (isolation.user_namespace, isolation.one_id) == (True, not user.subordinate)
        assert isolation.overlay in {"userxattr", "fuse"}
        return [
            (end if isinstance(end, str) else msgspec.convert(end, Outcome), output, changed)
            for end, output, changed in ends
        ]

    def test_all(self, somebody: User, layer: Path, runtime: str) -> None:
        folder = somebody.new_folder()
        (folder / "file").write_text("text")
        mounts = (
            File(target="/run/secrets/token", content=b"geheim"),
            Tmpfs(target="/t"),
            Bind(target="/src", directory=str(folder), read_only=False),
            Cache(target="/cache", directory=str(folder / "cache"), sharing="locked"),
        )
        script = (
            "cat /run/secrets/token /src/file; touch /src/x /t/y /cache/z; rm -r /etc/apk; mkdir /etc/apk;"
            "touch /new; chown 5:6 /new && stat -c %u:%g /new; rm /etc/motd; mount -t tmpfs none /mnt 2>&1"
        )
        ends = self._run(
            somebody, layer, runtime,
            RunSpec(argv=("/bin/sh", "-c", script), work="", env=running.ENVIRONMENT, mounts=mounts),
            RunSpec(argv=("/bin/sh", "-c", "id -u; id -g; pwd; cat /etc/resolv.conf | wc -c"), work="",
                    env=running.ENVIRONMENT, uid=1000, gid=1001, network="none", cwd="/tmp"),
            RunSpec(argv=("/no/such",), work="", env=running.ENVIRONMENT),
            RunSpec(argv=("/bin/sh", "-c", "f() { f | f & }; f; f; sleep 1; exit 1"), work="", env=running.ENVIRONMENT, max_processes=100),
        )  # fmt: skip
        ended, output, changed = ends[0]
        assert ended.status != 0, "it may not mount"
        if somebody.subordinate:
            assert output.startswith("geheimtext5:6\n")
        elif runtime in {"crun", "runc"}:
            assert output.startswith("geheimtext0:0\n"), "said to be done, since it cannot be"
        else:
            assert "chown: /new: Invalid argument" in output, "there is no filter to pretend it"
        assert "denied" in output
        assert changed == ["cache", "etc", "etc/apk", "etc/motd", "new", "run"][1:]
        assert (folder / "cache/z").exists()
        assert not (folder / "x").exists()
        if runtime == "runc" and not somebody.subordinate:
            assert "there is one id alone" in ends[1][0]
        else:
            assert (ends[1][0].status, ends[1][1]) == (0, "1000\n1001\n/tmp\n0\n")
        assert ends[2][0].status == 127
        assert ends[3][0].status != 0
        assert "fork" in ends[3][1]
