"""ShellCheck in `lading lint`, the real programs: switched on and off, broken, and with many files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import needs
from lading.cli.lint_shellcheck import _FEW, _MOST, read
from lading.errors import LadingError
from lading.lint.hadolint_config import Config
from lading.shellcheck.answer import Comment
from lading.shellcheck.batches import Batches
from program import Lading

HEAD = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nUSER 1000\n"
SHELL = HEAD + b"RUN true \\\n  && cp $HOME /b\n"


@pytest.fixture
def lint(tmp_path: Path) -> Lading:
    needs.shellcheck()
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "Dockerfile").write_bytes(SHELL)
    return Lading(folder)


def fake(lint: Lading, text: str) -> str:
    path = lint.folder.parent / "fake-shellcheck"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def codes(out: bytes) -> list[tuple[str, int, str]]:
    return [(one["file"], one["line"], one["code"]) for one in json.loads(out)]


def test_it_takes_part_where_it_is_installed(lint: Lading) -> None:
    done = lint("lint", "--ignore", "DL3059")
    assert done.returncode == 1
    assert b"Dockerfile:3:1 info SC2086: Double quote to prevent globbing and word splitting. [--fix --unsafe-fixes]\n    4 |   && cp $HOME /b\n      |         ^^^^^\n" in done.stdout  # fmt: skip
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("arguments", "environ", "file", "is_on"),
    [
        pytest.param((), {}, "", True, id="by-itself"),
        pytest.param(("--no-shellcheck",), {}, "", False, id="flag"),
        pytest.param((), {"LADING_SHELLCHECK": "off"}, "", False, id="variable"),
        pytest.param((), {}, "shellcheck = false\n", False, id="file"),
        pytest.param(("--shellcheck",), {"LADING_SHELLCHECK": "0"}, "", True, id="flag-over-variable"),
        pytest.param((), {"LADING_SHELLCHECK": "yes"}, "shellcheck = false\n", True, id="variable-over-file"),
        pytest.param(("--ignore=SC2086",), {}, "", False, id="ignored"),
        pytest.param((), {}, "lint = { ignore = ['SC2086'] }\n", False, id="ignored-in-file"),
    ],
)
def test_the_switch(lint: Lading, arguments: tuple[str, ...], environ: dict[str, str], file: str, *, is_on: bool) -> None:  # fmt: skip
    (lint.folder / "lading.toml").write_text(file)
    done = lint("lint", "-f", "json", *arguments, environ=environ)
    assert done.stderr == b""
    assert codes(done.stdout) == ([("Dockerfile", 3, "SC2086")] if is_on else [])
    assert done.returncode == int(is_on)


def test_a_program_of_the_users(lint: Lading) -> None:
    (lint.folder / "tools").mkdir()
    (lint.folder / "tools" / "sc").symlink_to(needs.shellcheck())
    (lint.folder / "lading.toml").write_text("shellcheck = 'tools/sc'\n")
    (lint.folder / "deeper").mkdir()
    deeper = Lading(lint.folder / "deeper", {"LADING_CONFIG": "../lading.toml"})
    assert [one[2] for one in codes(deeper("lint", "-f", "json", "../Dockerfile").stdout)] == ["SC2086"]


def test_all_formats_have_it(lint: Lading) -> None:
    for form in ("text", "json", "sarif", "checkstyle", "codeclimate", "gitlab", "junit", "github"):
        assert b"SC2086" in lint("lint", "-f", form).stdout
    (run,) = json.loads(lint("lint", "-f", "sarif").stdout)["runs"]
    (rule,) = [one for one in run["tool"]["driver"]["rules"] if one["id"] == "SC2086"]
    assert rule["helpUri"] == "https://www.shellcheck.net/wiki/SC2086"
    (result,) = [one for one in run["results"] if one["ruleId"] == "SC2086"]
    inserted = [
        one["insertedContent"]["text"] for one in result["fixes"][0]["artifactChanges"][0]["replacements"]
    ]
    assert inserted == ['"', '"']


def test_the_baseline_knows_it(lint: Lading) -> None:
    assert lint("lint", "--baseline", "known", "--write-baseline").returncode == 0
    assert lint("lint", "--baseline", "known").returncode == 0
    (lint.folder / "Dockerfile").write_bytes(SHELL.replace(b"RUN", b"RUN cd /x; ls &&"))
    assert b"SC2164" in lint("lint", "--baseline", "known").stdout


def test_fixes(lint: Lading) -> None:
    path = lint.folder / "Dockerfile"
    assert lint("lint", "--fix").returncode == 1
    assert path.read_bytes() == SHELL
    done = lint("lint", "--fix", "--unsafe-fixes", "--offline")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert path.read_bytes() == SHELL.replace(b"$HOME", b'"$HOME"')
    assert lint("lint", "--diff", "--unsafe-fixes", "--no-shellcheck").stdout == b""


def test_standard_input(lint: Lading) -> None:
    assert codes(lint("lint", "-f", "json", "-", input=SHELL).stdout) == [("-", 3, "SC2086")]
    done = lint("lint", "--fix", "--unsafe-fixes", "-", input=SHELL.replace(b"\n", b"\r\n"))
    assert done.stdout == SHELL.replace(b"$HOME", b'"$HOME"').replace(b"\n", b"\r\n")


def test_explain_tells_of_it(lint: Lading) -> None:
    for code in ("SC2086", "sc2086", "SC9999"):
        done = lint("lint", "--explain", code)
        assert done.returncode == 0
        assert f"https://www.shellcheck.net/wiki/{code.upper()}\n".encode() in done.stdout
    assert b'RUN cp "$SOURCE" /app' in lint("lint", "--explain", "SC2086").stdout
    assert lint("lint", "--explain", "SC20").returncode == 2


BROKEN = [
    pytest.param(
        "exit 3\n", b"fake-shellcheck: ends with status 3: and says nothing\n  --no-shellcheck", id="ends"
    ),
    pytest.param("echo Bus error\n", b"ShellCheck's output cannot be read: ", id="garbage"),
    pytest.param("kill -SEGV $$\n", b"fake-shellcheck: ends with status -11: ", id="crashes"),
]


@pytest.mark.parametrize(("text", "told"), BROKEN)
def test_a_broken_one_is_told_of_once(lint: Lading, text: str, told: bytes) -> None:
    """What Lading itself finds is reported all the same, and status 3 says that it is not all."""
    for number in range(30):
        (lint.folder / f"{number}.Dockerfile").write_bytes(SHELL.replace(b"true", b"echo %d" % number))
    done = lint("lint", ".", environ={"LADING_SHELLCHECK": fake(lint, text)})
    assert done.returncode == 3
    assert done.stderr.startswith(b"lading: ")
    assert told in done.stderr
    assert done.stderr.count(b"lading: ") == 1
    sudo = lint("lint", "-", environ={"LADING_SHELLCHECK": fake(lint, text)}, input=HEAD + b"RUN sudo true\n")
    assert (sudo.returncode, b"DL3004" in sudo.stdout) == (1, True)


def test_a_missing_one_is_told_of_where_it_is_wanted(lint: Lading, tmp_path: Path) -> None:
    done = lint("lint", environ={"LADING_SHELLCHECK": "/nowhere/sc"})
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr == b"lading: /nowhere/sc: cannot be run: No such file or directory\n  --no-shellcheck goes without it; version 0.7 or newer is needed\n"  # fmt: skip
    # A Python in whose folder there is no ShellCheck.
    code = (
        f"import sys; sys.executable = {str(tmp_path / 'python')!r}; "
        "from lading.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", code, "lint", *arguments]
        environ = lint.environment({"PATH": "/nowhere"})
        return subprocess.run(
            command, capture_output=True, check=False, timeout=60, cwd=lint.folder, env=environ
        )

    done = run("--shellcheck")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr == b"lading: ShellCheck is not installed\n  pip install 'lading[shellcheck]', or install the program `shellcheck` of the system\n"  # fmt: skip
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert b"ShellCheck is not installed" in run("--debug").stderr


def test_what_it_cannot_check_is_told_with_its_place(lint: Lading) -> None:
    long = HEAD + b"RUN true\nRUN <<EOF\n" + b": word\n" * 10_000 + b"EOF\n"
    (lint.folder / "Dockerfile").write_bytes(long)
    done = lint("lint", "--ignore", "DL3059")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr == b"lading: Dockerfile: the shell commands of line 4 are longer than 32768 characters and were not handed to ShellCheck\n"  # fmt: skip


def test_files_without_commands_need_none(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(HEAD)
    done = lint("lint", environ={"LADING_SHELLCHECK": fake(lint, "exit 3\n")})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_an_interrupt_ends_all(lint: Lading) -> None:
    marker = lint.folder.parent / "begun"
    path = fake(lint, f"echo $$ > {marker}.new; mv {marker}.new {marker}; exec sleep 1000\n")
    with lint.start("lint", environ={"LADING_SHELLCHECK": path, "TMPDIR": str(lint.folder)}) as process:
        while not marker.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"lading: interrupted\n")
    assert not Path(f"/proc/{int(marker.read_text())}").exists()
    assert sorted(one.name for one in lint.folder.iterdir()) == ["Dockerfile"]


# ------------------------------------------------------------- reading ahead


class _Begun(Batches):
    def __init__(self) -> None:
        self.calls: list[int] = []
        super().__init__(lambda scripts, _: [(Comment(1, 1, 1, 1, "info", 1, ""),) for _ in scripts])

    def begin(self, scripts: object) -> None:
        self.calls.append(len(list(scripts)))  # type: ignore[call-overload]


def test_files_are_read_ahead_in_few_steps(tmp_path: Path) -> None:
    names = []
    for number in range(1000):
        names.append(str(tmp_path / str(number)))
        Path(names[-1]).write_bytes(HEAD + b"RUN echo %d\n" % number)
    begun, problems = _Begun(), list[LadingError]()
    names.insert(500, str(tmp_path / "gone"))
    found = list(read(names, problems, Config(), begun))
    assert found == [(name, Path(name).read_bytes()) for name in names if not name.endswith("gone")]
    assert [one.message for one in problems] == ["there is no such file"]
    assert begun.calls[:3] == [_MOST, _MOST - _FEW, _MOST - _FEW]
    assert sum(begun.calls) == 1000


def test_large_files_are_not_all_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lading.cli.lint_shellcheck._MOST_BYTES", 1000)
    monkeypatch.setattr("lading.cli.lint_shellcheck._FEW", 0)
    path = tmp_path / "large"
    path.write_bytes(HEAD + b"RUN " + b"a" * 600)
    begun = _Begun()
    assert len(list(read([str(path)] * 5, [], Config(), begun))) == 5
    assert begun.calls == [2, 2, 1, 0]


def test_without_shellcheck_files_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"one")
    problems: list[LadingError] = []
    files = read([str(path), str(path), str(tmp_path / "gone")], problems, Config(), None)
    assert next(files)[1] == b"one"
    path.write_bytes(b"two")
    assert next(files)[1] == b"two"
    assert list(files) == []
    assert len(problems) == 1
