"""`lading run`: real containers of the real Alpine."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import needs
from cli import stocked
from program import Lading
from terminals import Terminal

pytestmark = [needs.root(), needs.tool("crun")]


@pytest.fixture(scope="module")
def alpine(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Lading:
    lading = Lading(tmp_path_factory.mktemp("run"), {"LADING_OSV_URL": (published / "osv").as_uri()})
    stocked.tag(lading, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    (lading.folder / "context").mkdir()
    (lading.folder / "context" / "Dockerfile").write_text(
        "FROM alpine:3.10\nENV A=1 B=2\nRUN adduser -D -u 1234 me\nUSER me\nWORKDIR /home/me\n"
        'ENTRYPOINT ["/bin/sh", "-c"]\nCMD ["id -un; pwd; echo $A-$B"]\n'
    )
    assert lading("build", "-q", "-t", "mine", "context").returncode == 0
    return lading


def _out(alpine: Lading, *arguments: str, **more: object) -> tuple[int, str]:
    done = alpine("run", *arguments, **more)  # type: ignore[arg-type]  # of subprocess.run
    return done.returncode, done.stdout.decode()


def test_as_the_image_says(alpine: Lading) -> None:
    assert _out(alpine, "mine") == (0, "me\n/home/me\n1-2\n")


@pytest.mark.parametrize(
    ("arguments", "status", "output"),
    [
        (["mine", "echo $B; exit 7"], 7, "2\n"),
        (["-e", "B=3", "-e", "V", "mine", "echo $A$B$V"], 0, "13here\n"),
        (["-u", "0", "-w", "/tmp", "mine"], 0, "root\n/tmp\n1-2\n"),
        (["-u", "5:6", "alpine:3.10", "id", "-u"], 0, "5\n"),
        (["--entrypoint", "/bin/echo", "mine", "a", "-b"], 0, "a -b\n"),
        (["--rm", "alpine:3.10", "--", "echo", "--", "x"], 0, "-- x\n"),
        (["alpine:3.10", "/no/such"], 127, ""),
        (["alpine:3.10", "/etc/passwd"], 126, ""),
        (["--network", "none", "alpine:3.10", "ls", "/sys/class/net"], 0, "lo\n"),
        (["--read-only", "alpine:3.10", "sh", "-c", "touch /x || echo not"], 0, "not\n"),
    ],
)
def test_words(alpine: Lading, arguments: list[str], status: int, output: str) -> None:
    assert _out(alpine, *arguments, environ={"V": "here"}) == (status, output)


def test_what_it_changes_is_lost(alpine: Lading) -> None:
    assert _out(alpine, "alpine:3.10", "sh", "-c", "rm -r /etc; touch /new; ls /")[0] == 0
    assert _out(alpine, "alpine:3.10", "sh", "-c", "ls -d /etc /new") == (1, "/etc\n")
    assert str(alpine.folder) not in Path("/proc/self/mounts").read_text()
    assert list(alpine.folder.glob("cache/build/files-*/tmp/*")) == []


def test_volumes_and_files_of_variables(alpine: Lading) -> None:
    (alpine.folder / "shared").mkdir()
    (alpine.folder / "shared" / "f").write_text("inside")
    (alpine.folder / "vars").write_text("# a comment\nX=from file\nA=9\n\n")
    script = "cat /s/f; echo $X $A; echo out > /s/g; touch /r/x || echo no"
    given = ["-v", "shared:/s", "-v", "shared:/r:ro", "--env-file", "vars", "-e", "A=8", "-u", "0"]
    assert _out(alpine, *given, "mine", script) == (0, "insidefrom file 8\nno\n")
    assert (alpine.folder / "shared" / "g").read_text() == "out\n"


def test_standard_input_is_handed_on_when_asked(alpine: Lading) -> None:
    assert _out(alpine, "-i", "alpine:3.10", "cat", input=b"typed") == (0, "typed")
    assert _out(alpine, "alpine:3.10", "cat", input=b"typed") == (0, "")


def test_a_terminal(alpine: Lading) -> None:
    script = "test -t 0 && test -t 1 && echo yes"
    status, shown = alpine.on_terminal("run", "-it", "alpine:3.10", "sh", "-c", script)
    assert (status, shown.strip()) == (0, "yes")


def _at(alpine: Lading, *arguments: str) -> Terminal:
    """Start a container for a person at a terminal."""
    return Terminal(
        alpine.command(["run", *arguments]),
        environ=alpine.environment({"TERM": "xterm"}),
        folder=alpine.folder,
    )


def test_a_person_at_a_terminal(alpine: Lading) -> None:
    script = (
        "stty size; trap 'stty size' WINCH; trap 'echo got' INT; trap 'exit 5' TERM; echo ready;"
        " while :; do sleep 0.1; done"
    )
    with _at(alpine, "-it", "alpine:3.10", "sh", "-c", script) as at:
        modes = at.modes()
        assert at.until("ready\r\n") == "33 99\r\nready\r\n"
        at.resize(120, 40)
        at.until("40 120\r\n")
        at.type("\x03")
        at.until("got\r\n")
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(at.pid, number)
        at.until("got\r\n")
        assert at.ended() == 5
        assert at.modes() == modes


def test_a_program_that_was_stopped_goes_on_as_it_was(alpine: Lading) -> None:
    """A shell puts its own modes in place when a job stops."""
    with _at(alpine, "-it", "alpine:3.10", "cat") as at:
        before = at.modes()
        at.type("a\n")
        at.until("a\r\na\r\n")
        raw = at.modes()
        at.set_modes(before)
        os.kill(at.pid, signal.SIGSTOP)
        at.resize(60, 20)
        os.kill(at.pid, signal.SIGCONT)
        at.wait_for(lambda: at.modes() == raw)
        at.type("\x04")
        assert at.ended() == 0
        assert at.modes() == before


def test_a_terminal_is_asked_for_where_there_is_none(alpine: Lading) -> None:
    done = alpine("run", "-it", "alpine:3.10", "cat", input=b"typed")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"lading: -t needs a terminal")
    # Without -i nobody is to type, and there is no terminal to show anything.
    done = alpine("run", "-t", "alpine:3.10", "sh", "-c", "cat; test -t 1 || echo none", input=b"typed")
    assert (done.returncode, done.stdout) == (0, b"none\n")


def test_standard_input_is_closed(alpine: Lading) -> None:
    for flags in ([], ["-i"], ["-t"]):
        words = alpine.command(["run", *flags, "alpine:3.10", "sh", "-c", "cat; echo end"])
        done = subprocess.run(
            ["sh", "-c", '"$@" <&-', "sh", *words],
            cwd=alpine.folder,
            env=alpine.environment(),
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, b"end\n"), (flags, done.stderr)


def test_output_of_a_terminal_goes_where_it_is_wanted(alpine: Lading) -> None:
    words = alpine.command(["run", "-it", "alpine:3.10", "sh", "-c", "seq 1 20000; echo last"])
    script = ["sh", "-c", '"$@" > shown', "sh", *words]
    with Terminal(script, environ=alpine.environment(), folder=alpine.folder) as at:
        assert at.ended() == 0
    assert (alpine.folder / "shown").read_bytes().endswith(b"20000\r\nlast\r\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_signals_are_passed_on(alpine: Lading, number: signal.Signals) -> None:
    script = f"trap 'echo got; exit 5' {number.name[3:]}; echo ready; while :; do sleep 0.1; done"
    with alpine.start("run", "alpine:3.10", "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert process.stdout.read() == b"got\n"
        assert process.wait(30) == 5


def test_the_third_time_it_is_ended(alpine: Lading) -> None:
    with alpine.start("run", "alpine:3.10", "sh", "-c", "echo ready; exec sleep 60") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.7)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 137


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_before_there_is_a_container(alpine: Lading, number: signal.Signals, status: int) -> None:
    (folder,) = alpine.folder.glob("cache/build/files-*")
    with (folder / ".lease").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with alpine.start("run", "alpine:3.10", "true") as process:
            try:
                while not _waits_for(lock.fileno(), process.pid):
                    assert process.poll() is None
                    time.sleep(0.05)
                process.send_signal(signal.SIGWINCH)
                process.send_signal(number)
                assert process.wait(10) == status
            finally:
                process.kill()


def _waits_for(lock: int, process: int) -> bool:
    """Tell whether a process waits for a lock of flock(2); proc_locks(5)."""
    waiting = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
    inode = str(os.fstat(lock).st_ino)
    return any(words[5] == str(process) and words[6].endswith(f":{inode}") for words in waiting)


def test_another_image_than_those_of_the_store(alpine: Lading) -> None:
    archive = f"docker-archive:{needs.images() / 'alpine-311.tar.gz'}"
    assert _out(alpine, archive, "cat", "/etc/alpine-release")[1].startswith("3.11")


def test_names_memory_and_limits(alpine: Lading) -> None:
    words = ["--hostname", "web", "--add-host", "db:192.0.2.1", "--tmpfs", "/t:size=1m", "--shm-size", "2m"]
    words += ["--ulimit", "nofile=99", "--mount", "type=bind,src=.,dst=/here,ro", "alpine:3.10"]
    script = "hostname; grep -c '192.0.2.1.*db' /etc/hosts; df -k /t /dev/shm | awk '/^[^F]/ { print $2 }'; ulimit -n; test -d /here/data"
    status, said = _out(alpine, *words, "sh", "-c", script)
    assert (status, said.split()) == (0, ["web", "1", "1024", "2048", "99"])


def test_a_directory_that_is_called_like_the_image(alpine: Lading) -> None:
    stocked.tag(alpine, "alpine:3.10", "app")
    (alpine.folder / "app").mkdir()
    assert _out(alpine, "app", "echo", "here") == (0, "here\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere/at/all:1", "x"], b"nowhere"),
        (["rootfs:.", "x"], b"a directory is not an image"),
        (["-v", "x", "alpine:3.10"], b"not a volume"),
        (["-v", "missing:/x", "alpine:3.10"], b"there is no such file"),
        (["-v", ".:x", "alpine:3.10"], b"absolute path"),
        (["-e", "=x", "alpine:3.10"], b"not a variable"),
        (["-u", "nobody-here", "alpine:3.10"], b"there is no user"),
        (["--env-file", "missing", "alpine:3.10"], b"missing"),
        (["--entrypoint", "", "alpine:3.10"], b"does not say what to run"),
    ],
)
def test_called_wrongly(alpine: Lading, arguments: list[str], message: bytes) -> None:
    done = alpine("run", *arguments, environ={"https_proxy": "http://127.0.0.1:9"})
    assert done.returncode in {2, 3}
    assert message in done.stderr
    assert b"Traceback" not in done.stderr
