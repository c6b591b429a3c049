"""`lading lint`, the real program: what it reads, writes, changes and returns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import needs
from lading.cli.lint_files import is_dockerfile
from program import Lading

SUDO = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nRUN sudo true\nUSER 1000\n"
CASING = b"FROM debian:12@sha256:" + b"0" * 64 + b" as b\nUSER 1000\n"
GOOD = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nUSER 1000\n"


@pytest.fixture
def lint(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


def codes(out: bytes) -> list[tuple[str, int, str]]:
    return [(one["file"], one["line"], one["code"]) for one in json.loads(out)]


def told(done: subprocess.CompletedProcess[bytes]) -> tuple[int, bytes]:
    return done.returncode, done.stderr


def test_the_dockerfile_here_is_the_default(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    done = lint("lint")
    assert done.returncode == 1
    assert b"Dockerfile:2:5 error DL3004: " in done.stdout
    assert b"    2 | RUN sudo true\n      |     ^^^^\n" in done.stdout


def test_nothing_to_say(lint: Lading) -> None:
    (lint.folder / "Containerfile").write_bytes(GOOD)
    done = lint("lint")
    assert (told(done), done.stdout) == ((0, b""), b"")


def test_standard_input(lint: Lading) -> None:
    done = lint("lint", "-f", "json", "-", input=SUDO)
    assert ("-", 2, "DL3004") in codes(done.stdout)


def test_fixing_standard_input_gives_the_file(lint: Lading) -> None:
    done = lint("lint", "--fix", "-", input=CASING)
    assert (done.returncode, done.stdout) == (0, CASING.replace(b" as ", b" AS "))


@pytest.mark.parametrize(
    ("data", "after"),
    [
        pytest.param(CASING, CASING.replace(b" as ", b" AS "), id="line-feeds"),
        pytest.param(
            CASING.replace(b"\n", b"\r\n"),
            CASING.replace(b"\n", b"\r\n").replace(b" as ", b" AS "),
            id="carriage-returns",
        ),
        pytest.param(
            b"\xef\xbb\xbf" + CASING.rstrip(),
            b"\xef\xbb\xbf" + CASING.rstrip().replace(b" as ", b" AS "),
            id="mark-and-no-final-newline",
        ),
        pytest.param(CASING + b"# \xff\n", CASING.replace(b" as ", b" AS ") + b"# \xff\n", id="not-utf-8"),
    ],
)
def test_fix_touches_nothing_else(lint: Lading, data: bytes, after: bytes) -> None:
    path = lint.folder / "Dockerfile"
    path.write_bytes(data)
    path.chmod(0o640)
    done = lint("lint", "--fix")
    assert told(done) == (0, b"")
    assert path.read_bytes() == after
    assert path.stat().st_mode & 0o7777 == 0o640
    assert sorted(one.name for one in lint.folder.iterdir() if one.is_file()) == ["Dockerfile"]


def test_what_needs_no_change_is_not_written(lint: Lading) -> None:
    path = lint.folder / "Dockerfile"
    path.write_bytes(GOOD)
    before = path.stat().st_ino
    assert lint("lint", "--fix").returncode == 0
    assert path.stat().st_ino == before


def test_unsafe_fixes_are_asked_for(lint: Lading) -> None:
    path = lint.folder / "Dockerfile"
    path.write_bytes(SUDO)
    assert lint("lint", "--fix", "--offline").returncode == 1
    assert path.read_bytes() == SUDO
    assert lint("lint", "--fix", "--unsafe-fixes", "--offline").returncode == 0
    assert path.read_bytes() == SUDO.replace(b"sudo ", b"")


def test_diff_changes_nothing_and_can_be_applied(lint: Lading) -> None:
    patch = shutil.which("patch") or shutil.which("git")
    path = lint.folder / "Dockerfile"
    before = CASING.rstrip(b"\n")
    path.write_bytes(before)
    done = lint("lint", "--diff")
    assert (done.returncode, path.read_bytes()) == (0, before)
    assert done.stdout.startswith(b"--- a/Dockerfile\n+++ b/Dockerfile\n@@ ")
    if patch is None:
        pytest.skip("neither patch nor git is here")
    command = [patch, "-p1"] if patch.endswith("patch") else [patch, "apply", "-"]
    subprocess.run(command, input=done.stdout, cwd=lint.folder, check=True, capture_output=True)
    assert path.read_bytes() == before.replace(b" as ", b" AS ")


@pytest.mark.parametrize(
    ("threshold", "status"),
    [("error", 0), ("warning", 0), ("info", 0), ("style", 1), ("none", 1), ("never", 0), (None, 0)],
)
def test_fail_on(lint: Lading, threshold: str | None, status: int) -> None:
    (lint.folder / "Dockerfile").write_bytes(CASING)
    extra = ["--fail-on", threshold] if threshold else []
    done = lint("lint", "-f", "json", *extra)
    assert [code for _, _, code in codes(done.stdout)] == ["FromAsCasing"]
    assert done.returncode == status


def test_ignore(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert told(lint("lint", "--ignore", "DL3004,SC1000")) == (0, b"")
    status, err = told(lint("lint", "--ignore", "DL3004", "--ignore", "nonsense"))
    assert (status, err) == (0, b"lading: --ignore: there is no rule nonsense\n")


def test_baseline(lint: Lading) -> None:
    path = lint.folder / "Dockerfile"
    path.write_bytes(SUDO)
    assert told(lint("lint", "--baseline", "known.json", "--write-baseline")) == (0, b"")
    assert told(lint("lint", "--baseline", "known.json")) == (0, b"")
    path.write_bytes(SUDO + b"RUN sudo more\n")
    done = lint("lint", "--baseline", "known.json", "-f", "json")
    assert (done.returncode, codes(done.stdout)) == (1, [("Dockerfile", 4, "DL3004")])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param((), "there is no Dockerfile here", id="no-dockerfile"),
        pytest.param(("--explain", "DL9999"), "there is no rule 'DL9999'", id="no-such-rule"),
        pytest.param(("--explain", "SC20"), "there is no rule 'SC20'", id="no-code-of-shellchecks"),
        pytest.param(("--unsafe-fixes", "-"), "--unsafe-fixes says which fixes are made", id="unsafe-what"),
        pytest.param(
            ("--write-baseline", "-"), "--write-baseline needs to know where to", id="baseline-where"
        ),
        pytest.param(("-", "-"), "standard input can be read only once", id="twice-standard-input"),
        pytest.param(("-f", "yaml", "-"), "no such format: 'yaml'", id="format"),
        pytest.param(("-f", "json", "-f", "text", "-"), "two formats would go to one place", id="one-place"),
        pytest.param(("--context", "nowhere", "-"), "--context must be a folder: nowhere", id="context"),
        pytest.param(("--fail-on", "grave", "-"), "invalid choice: 'grave'", id="level"),
    ],
)
def test_wrong_usage(lint: Lading, arguments: tuple[str, ...], message: str) -> None:
    done = lint("lint", *arguments, input=b"FROM a\n")
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read all")
def test_no_permission(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(GOOD)
    (lint.folder / "Dockerfile").chmod(0)
    status, err = told(lint("lint"))
    assert (status, err) == (3, b"lading: Dockerfile: no permission to read it\n")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param(b"", b"Dockerfile:1:1 error DL1000: ", id="empty"),
        pytest.param(b"# only a comment\n", b" error DL1000: ", id="comments"),
        pytest.param(b"\0\0\n", b"Dockerfile:1:1 error DL1000: ", id="nul"),
        pytest.param(b"RUN x\n", b"Dockerfile:1:1 error DL3061: ", id="no-from"),
        pytest.param(b"FROM a:1\nRUN <<E\nx\n", b"Dockerfile:2:1 error DL1000: ", id="heredoc"),
        pytest.param(b"\xff\xfe\n", b" error DL1000: ", id="not-utf-8"),
        pytest.param(b"FROM a:1\nRUN " + b"x" * 10_000_000, b"Dockerfile:2:1 error DL1000: ", id="long-line"),
    ],
)
def test_broken_files_have_a_place(lint: Lading, data: bytes, place: bytes) -> None:
    (lint.folder / "Dockerfile").write_bytes(data)
    done = lint("lint")
    assert (done.returncode, done.stderr) == (1, b"")
    assert place in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 400
    assert lint("lint", "--fix", "--unsafe-fixes", "--offline", "-q").returncode == 1


def test_hooks_match_what_is_searched_for() -> None:
    import re

    import yaml

    hooks = yaml.safe_load((needs.ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["lading-lint", "lading-lint-fix"]
    for name in (
        "Dockerfile",
        "Dockerfile.dev",
        "Containerfile",
        "x.dockerfile",
        "Dockerfile.md",
        "docker.txt",
    ):
        hook = hooks[0]
        matched = re.search(hook["files"], f"a/{name}") and not re.search(hook["exclude"], f"a/{name}")
        assert bool(matched) is is_dockerfile(name), name
