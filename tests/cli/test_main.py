from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import imaging
import lading as package
import program
from lading.cli import COMMANDS
from lading.cli.main import main, parser
from loopback import Exchange


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["scan", "oci:image"], 0, id="done"),
        pytest.param(["scan", "oci:image", "--fail-on", "critical"], 1, id="something-to-object"),
        pytest.param(["scan", "oci:image", "--format", "odt"], 2, id="no-such-format"),
        pytest.param(["scan"], 2, id="nothing-named"),
        pytest.param(["scan", "oci:image", "--nonsense"], 2, id="no-such-option"),
        pytest.param(["nonsense"], 2, id="no-such-command"),
        pytest.param([], 2, id="nothing"),
        pytest.param(["scan", "oci:nothing"], 3, id="not-there"),
        pytest.param(["scan", "./nothing.tar"], 3, id="no-such-file"),
        pytest.param(["--version"], 0, id="version"),
        pytest.param(["--help"], 0, id="help"),
        pytest.param(["scan", "--help"], 0, id="help-of-a-command"),
    ],
)
def test_exit_status(lading: program.Lading, arguments: list[str], status: int) -> None:
    done = lading(*arguments)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    assert bool(done.stderr) is (status in {2, 3})


def test_version_and_help(lading: program.Lading) -> None:
    assert lading("--version").stdout == f"lading {package.__version__}\n".encode()
    shown = lading("--help").stdout.decode()
    assert [name for name in COMMANDS if not re.search(rf"^ +{name}\s", shown, re.MULTILINE)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_only_the_command_that_is_called_has_its_arguments(command: str) -> None:
    with pytest.raises(SystemExit):
        parser([command]).parse_args([command, "--nonsense"])
    other = next(name for name in COMMANDS if name != command)
    # With an option before it, all commands are there, for it may be one that tells of them.
    assert not hasattr(parser(["--x", command]).parse_args([other]), "run")
    with pytest.raises(SystemExit):
        parser([command]).parse_args([other])


def test_the_console_script(lading: program.Lading) -> None:
    script = Path(sys.executable).with_name("lading")
    if not script.exists():
        pytest.fail("Lading is not installed beside this interpreter")
    done = subprocess.run([script, "--version"], capture_output=True, timeout=60, check=True)
    assert done.stdout == lading("--version").stdout


def test_an_error_is_a_line_and_a_hint(lading: program.Lading) -> None:
    done = lading("scan", "oci:image", "--format", "odt")
    first, second = done.stderr.decode().splitlines()
    assert first == "lading: no such format: 'odt'"
    assert second.startswith("  one of table, json, sarif, ")
    assert done.stdout == b""


def test_debug_shows_where_it_comes_from(lading: program.Lading) -> None:
    done = lading("scan", "oci:nothing", "--debug")
    assert done.returncode == 3
    assert b"Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(b"lading: ")


def test_errors_do_not_steer_the_terminal(lading: program.Lading) -> None:
    done = lading("scan", "./\x1b]0;title\x07\u202e.tar")
    assert done.returncode == 3
    assert program.CONTROLS.findall(done.stderr) == []
    assert b"\\x1b]0;title\\x07\\u202e.tar" in done.stderr


def test_in_process(
    lading: program.Lading, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(lading.folder)
    for name, value in lading.environment().items():
        monkeypatch.setenv(name, value)
    assert main(["sbom", "oci:image", "-f", "json"]) == 0
    assert '"Debian:12"' in capfd.readouterr().out
    assert main(["scan", "oci:image", "--fail-on", "low", "-f", "json"]) == 1
    assert main(["scan", "nothing.tar"]) == 3


def test_who_reads_the_output_leaves(lading: program.Lading) -> None:
    readable, writable = os.pipe()
    os.close(readable)
    done = lading("scan", "oci:image", "--format", "json", stdout=writable)
    os.close(writable)
    assert (done.returncode, done.stderr) == (130, b"")


def test_the_output_is_cut_in_the_middle(lading: program.Lading) -> None:
    tree = {f"p/x{n}.dist-info/METADATA": f"Name: x{n}\nVersion: 1\n".encode() for n in range(3000)}
    imaging.write_layout(lading.folder / "large", [imaging.tar(tree)])
    with lading.start("sbom", "oci:large") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10)
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (130, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    "arguments", [["scan", "oci:image"], ["db", "status"], ["lint", "f"]], ids=["report", "list", "findings"]
)
def test_a_full_disk_below_the_output(lading: program.Lading, arguments: list[str]) -> None:
    (lading.folder / "f").write_text("FROM a\n")
    assert lading("db", "update", "--ecosystem", "PyPI").returncode == 0
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = lading(*arguments, stdout=full)
    assert done.returncode == 3
    assert done.stderr == b"lading: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize(
    ("before", "at_the_end"),
    [
        pytest.param("", b"", id="nothing-left"),
        pytest.param("import atexit; atexit.register(print, 'bye')", b"bye\n", id="something-to-be-called"),
        pytest.param(
            "import threading as t; e = t.Event(); t.Thread(target=lambda: print('bye', e.wait(0.3))).start()",
            b"bye False\n",
            id="a-thread-at-work",
        ),
        pytest.param("print('first', end='')", b"", id="something-not-written-yet"),
    ],
)
def test_what_a_process_still_has_to_do_is_done(
    lading: program.Lading, before: str, at_the_end: bytes
) -> None:
    (lading.folder / "f").write_text("FROM a\n")
    (lading.folder / "nothing").mkdir()
    code = f"{before}\nimport sys; from lading.cli.main import program\nsys.argv[1:] = ['lint', '-q', 'nothing', 'f']; program()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=lading.folder, env=lading.environment(),
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.startswith(b"firstf:1:6 " if "first" in before else b"f:1:6 ")
    assert done.stdout.endswith(b"--unsafe-fixes\n" + at_the_end)
    assert done.stderr.startswith(b"lading: nothing: there is no Dockerfile in this folder")


def test_no_standard_error(lading: program.Lading) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            lading.command(["scan", "oci:nothing"]), stdout=subprocess.PIPE, stderr=full, cwd=lading.folder,
            env=lading.environment(), timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams(lading: program.Lading, closed: str) -> None:
    command = " ".join(lading.command(["scan", "oci:image", "-f", "json"]))
    done = subprocess.run(
        f"{command} {closed}", shell=True, capture_output=True, cwd=lading.folder, env=lading.environment(),
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout[:1] == (b"" if ">&-" in closed.split() else b"{")


def test_interrupted_while_it_reads(lading: program.Lading, tmp_path: Path) -> None:
    """The registry gives a little and then nothing: the program waits for it, and stops at once."""
    imaging.write_layout(tmp_path / "stuck", [imaging.tar({**program.TREE, "x": os.urandom(3_000_000)})])
    began = threading.Event()

    def stall(exchange: Exchange, data: bytes) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", str(len(data)))
        exchange.end_headers()
        exchange.raw(data[:2_000_000])
        began.set()
        exchange.stall()

    places = [tmp_path / "tmp", lading.folder]
    places[0].mkdir()
    with program.registry(tmp_path / "stuck", stall) as served:
        target = f"docker://{served.host}/image:test"
        before = {path for place in places for path in place.iterdir()}
        with lading.start(
            "scan", target, "--insecure", "-f", "json=out.json", environ={"TMPDIR": str(places[0])}
        ) as process:
            assert began.wait(30)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            # Less than the half minute after which the program gives up such a registry.
            out, messages = process.communicate(timeout=20)
    assert (process.returncode, out, messages) == (130, b"", b"lading: interrupted\n")
    after = {path for place in places for path in place.iterdir()}
    assert {path.name for path in after - before} <= {"cache"}
