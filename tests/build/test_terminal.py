"""A person at a real terminal, and commands by each way that this machine has of isolating them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import running
from running import Runner
from terminals import Terminal

# Runs commands one after the other, and heeds the terminal as `lading run` does.
CODE = """
import signal, sys, msgspec
from lading.build import run
from lading.build.run_spec import *
specs, isolation = msgspec.json.decode(sys.argv[1], type=tuple[list[RunSpec], Isolation])
control = run.Control()
for number in (signal.SIGWINCH, signal.SIGCONT):
    signal.signal(number, lambda *_: control.refresh())
signal.signal(signal.SIGHUP, lambda number, _: control.signal(number))
sys.exit(max(run.execute(spec, isolation, control=control).status for spec in specs))
"""
ENVIRONMENT = {**running.ENVIRONMENT, "PS1": "$ "}


@pytest.fixture(params=[*running.RUNTIMES, "without-namespaces"])
def do(request: pytest.FixtureRequest, tmp_path: Path, alpine: Path) -> Runner:
    if request.param != "without-namespaces":
        return running.runner(tmp_path, [alpine], request.param)
    made = running.runner(tmp_path, [], "chroot")
    made.root = str(tmp_path / "root")
    subprocess.run(["cp", "-a", alpine, made.root], check=True)
    made.isolation = msgspec.structs.replace(made.isolation, namespaces=False, overlay="none")
    return made


def _start(
    do: Runner, *scripts: str, code: str = CODE, argv: tuple[str, ...] = (), **more: object
) -> Terminal:
    argvs: list[tuple[str, ...]] = [("/bin/sh", "-c", script) for script in scripts]
    argvs = argvs or [argv or ("/bin/sh",)]
    specs = [do.spec(words, terminal=True, env=ENVIRONMENT, **more) for words in argvs]
    data = msgspec.json.encode((specs, do.isolation)).decode()
    return Terminal([sys.executable, "-c", code, data])


def test_all_that_is_shown_right_before_the_end(do: Runner) -> None:
    with _start(do, *["seq 1 2000; printf last; exit 3"] * 20) as at:
        assert at.ended() == 3
        expected = "".join(f"{number}\r\n" for number in range(1, 2001)) + "last"
        assert at.shown == expected * 20


def test_the_size_at_the_start_and_later(do: Runner) -> None:
    script = "stty size; trap 'stty size; exit 4' WINCH; echo ready; while :; do sleep 0.1; done"
    with _start(do, script) as at:
        assert at.until("ready\r\n") == "33 99\r\nready\r\n"
        at.resize(120, 40)
        assert at.ended() == 4
        assert at.shown == "40 120\r\n"


def test_keys_that_send_signals_are_for_the_command_alone(do: Runner) -> None:
    script = "trap 'echo got' INT; trap 'echo quit; exit 6' QUIT; echo ready; while :; do sleep 0.1; done"
    with _start(do, script) as at:
        at.until("ready\r\n")
        for _ in range(3):
            at.type("\x03")
            assert at.until("got\r\n") == "^Cgot\r\n"
        at.type("\x1c")
        assert at.ended() == 6
        assert at.shown.endswith("quit\r\n")


def test_a_shell_with_jobs(do: Runner) -> None:
    with _start(do) as at:
        modes = at.modes()
        at.until("$ ")
        at.type("sh -c 'echo u''p; sleep 1000'\n")
        at.until("up\r\n")
        at.type("\x1a")
        at.until("Stopped")
        at.until("$ ")
        at.type("fg\n")
        at.until("sleep 1000")
        time.sleep(0.5)  # the shell has told before it has done it
        at.type("\x03")
        at.until("$ ")
        at.type("echo sta'tus' $?\n")
        at.until("status 130\r\n")
        assert at.modes() != modes
        at.type("exit 7\n")
        assert at.ended() == 7
        assert at.modes() == modes


def test_input_and_its_end(do: Runner) -> None:
    with _start(do, "cat; echo end; cat > /dev/null; exit 5") as at:
        at.type("typed\n")
        at.until("typed\r\n")
        assert at.until("typed\r\n") == "typed\r\n"
        at.type("\x04")
        at.until("end\r\n")
        at.type("\x04")
        assert at.ended() == 5


def test_what_is_typed_ahead_is_not_lost(do: Runner) -> None:
    """More than the command reads at once, before and after it has begun."""
    with _start(do, "sleep 1; stty -echo; n=$(wc -l); echo lines $n") as at:
        for number in range(2000):
            at.type(f"line number {number}\n")
        at.type("\x04")
        at.until("lines 2000")
        assert at.ended() == 0


def test_a_terminal_of_its_own(do: Runner) -> None:
    script = "id -u; tty && stat -c %u $(tty) && echo shown > /dev/tty"
    with _start(do, script, uid=1000) as at:
        status = at.ended()
        if do.isolation.namespaces:
            assert (status, at.shown) == (0, "1000\r\n/dev/pts/0\r\n1000\r\nshown\r\n")
        else:  # the image has no devices
            assert (status, at.shown) == (1, "1000\r\nnot a tty\r\n")


def test_one_that_lets_go_of_it_for_a_while(do: Runner) -> None:
    if not do.isolation.namespaces:
        pytest.skip("there is no /dev/tty to open again")
    script = "echo a; exec < /dev/null > /dev/null 2>&1; sleep 0.5; echo b > /dev/tty; sleep 0.3; exit 2"
    with _start(do, script) as at:
        assert (at.ended(), at.shown) == (2, "a\r\nb\r\n")


def test_a_program_in_the_background_does_not_hold_it(do: Runner) -> None:
    with _start(do, "sleep 9753 & setsid sleep 9754 & echo done") as at:
        assert (at.ended(), at.shown) == (0, "done\r\n")
    assert running.processes("sleep\x00975") == []


@pytest.mark.parametrize("argv", [("/no/such",), ("/etc",)])
def test_one_that_cannot_be_started(do: Runner, argv: tuple[str, ...]) -> None:
    with _start(do, argv=argv) as at:
        modes = at.modes()
        assert at.ended() == (127 if argv == ("/no/such",) else 126)
        assert at.modes() == modes


def test_the_cell_is_killed(do: Runner) -> None:
    with _start(do, "echo up; sleep 1000") as at:
        modes = at.modes()
        at.until("up\r\n")
        assert at.modes() != modes
        (cell,) = _children(at.pid)
        os.kill(cell, signal.SIGKILL)
        assert at.ended() == 1
        assert "the process that ran the command was killed" in at.shown
        assert at.modes() == modes


def test_an_error_of_our_own(do: Runner) -> None:
    code = CODE.replace(
        "control =", "signal.signal(signal.SIGALRM, signal.default_int_handler); signal.alarm(3); control ="
    )
    with _start(do, "echo up; sleep 1000", code=code) as at:
        modes = at.modes()
        at.until("up\r\n")
        assert at.modes() != modes
        at.ended()
        assert "KeyboardInterrupt" in at.shown
        assert at.modes() == modes


def test_the_window_is_closed(do: Runner, tmp_path: Path) -> None:
    script = "trap 'echo told > /told; exit' HUP; echo up; while :; do sleep 0.1; done"
    with _start(do, script) as at:
        at.until("up\r\n")
        at.hang_up()
        _until(lambda: not running.processes(str(tmp_path)))
    assert (Path(do.root or do.upper) / "told").read_text() == "told\n"


def test_the_window_is_closed_and_the_command_does_not_care(do: Runner, tmp_path: Path) -> None:
    with _start(do, "trap '' HUP TERM; echo up; sleep 9751; sleep 9752", grace_s=0.2) as at:
        at.until("up\r\n")
        at.hang_up()
        _until(lambda: not running.processes(str(tmp_path)))
    assert running.processes("sleep\x00975") == []


class TestScreen:
    """What is left when a command has ended, by a terminal that somebody still holds."""

    CODE = (
        "import os, pty; from lading.build.terminal import Screen\n"
        "outer, inner = pty.openpty(); over, ended = os.pipe()\n"
        "os.write(inner, b'left'); os.close(ended)\n"
        "shown = Screen().show(outer, over); os.write(2, b'' if shown else b'gone')"
    )

    def test_somebody_holds_it(self) -> None:
        with Terminal([sys.executable, "-c", self.CODE]) as at:
            modes = at.modes()
            assert (at.ended(), at.shown) == (0, "left")
            assert at.modes() == modes

    def test_somebody_goes_on_and_on(self) -> None:
        code = self.CODE.replace(
            "os.close(ended)",
            "os.close(ended)\nif not os.fork():\n  while os.getppid() == parent: os.write(inner, b'and on')",
        )
        with Terminal([sys.executable, "-c", f"import os; parent = os.getpid()\n{code}"]) as at:
            assert at.ended() == 0
            assert at.shown.startswith("leftand on")

    def test_nobody_looks(self) -> None:
        """Standard output is a pipe that nobody reads any more."""
        code = self.CODE.replace(
            "; os.close(ended)", "; r, w = os.pipe(); os.dup2(w, 1); os.close(w); os.close(r)"
        )
        with Terminal([sys.executable, "-c", code]) as at:
            assert (at.ended(), at.shown) == (0, "gone")

    def test_the_size_is_that_of_the_terminal(self) -> None:
        with Terminal(
            [sys.executable, "-c", "from lading.build import terminal; print(terminal.size())"]
        ) as at:
            assert (at.ended(), at.shown) == (0, "(99, 33)\r\n")

    def test_no_terminal_at_all(self) -> None:
        code = "from lading.build import terminal as t; print(t.size(), t.modes()); t.put_back(None)"
        done = subprocess.run(
            [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, check=True
        )
        assert done.stdout == b"(0, 0) None\n"


def _children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
