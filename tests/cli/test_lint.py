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
from lading.cli.lint_fix import diff
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


def test_folders_are_searched(lint: Lading) -> None:
    for name in ("Dockerfile", "a/Dockerfile.dev", "a/web.Dockerfile", "b/Containerfile", "b/c/dockerfile"):
        path = lint.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SUDO)
    for name in (
        ".git/Dockerfile",
        "node_modules/x/Dockerfile",
        "a/Dockerfile.dockerignore",
        "a/dockerfiles.txt",
    ):
        path = lint.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SUDO)
    found = codes(lint("lint", "-f", "json", ".", "a/web.Dockerfile").stdout)
    assert [name for name, _, code in found if code == "DL3004"] == [
        "Dockerfile",
        "a/Dockerfile.dev",
        "a/web.Dockerfile",
        "b/Containerfile",
        "b/c/dockerfile",
    ]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Dockerfile", True), ("Dockerfile.prod", True), ("Dockerfile-alpine", True), ("x.dockerfile", True),
        ("Containerfile", True), ("dockerfile", True), ("x.Containerfile", True),
        ("Dockerfile.dockerignore", False), ("Dockerfile.md", False), ("Dockerfile~", False), (".Dockerfile.swp", False),
        ("MyDockerfile", False), ("docker-compose.yml", False), ("Dockerfile_test.go", False), ("dockerfile.txt", False),
    ],
)  # fmt: skip
def test_names_of_dockerfiles(name: str, *, is_one: bool) -> None:
    assert is_dockerfile(name) is is_one


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


def test_diff_of_nothing() -> None:
    assert list(diff("x", b"a\r\nb", b"a\r\nb")) == []
    assert list(diff("/x", b"a\rb", b"c"))[-2:] == [
        b"-a\rb\n\\ No newline at end of file\n",
        b"+c\n\\ No newline at end of file\n",
    ]


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


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        pytest.param(".hadolint.yaml", "ignored: [DL3004]\n", (), id="hadolint-here"),
        pytest.param("my.yml", "ignored: [DL3004]\n", ("--config", "my.yml"), id="hadolint-named"),
        pytest.param("lading.toml", "[lint]\nignore = ['DL3004']\n", (), id="own-here"),
        pytest.param("my.toml", "[lint.levels]\nDL3004 = 'style'\n", ("--config", "my.toml"), id="own-named"),
        pytest.param("pyproject.toml", "[tool.lading.lint]\nfail-on = 'none'\nignore = ['DL3004']\n", (), id="tool"),
        pytest.param(".hadolint.yaml", "no-fail: true\n", (), id="no-fail"),
    ],
)  # fmt: skip
def test_configuration(lint: Lading, name: str, text: str, arguments: tuple[str, ...]) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert lint("lint").returncode == 1
    (lint.folder / name).write_text(text)
    assert told(lint("lint", *arguments)) == (0, b"")


def test_variables_of_hadolint(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert lint("lint", environ={"HADOLINT_IGNORE": "DL3004"}).returncode == 0


def test_baseline(lint: Lading) -> None:
    path = lint.folder / "Dockerfile"
    path.write_bytes(SUDO)
    assert told(lint("lint", "--baseline", "known.json", "--write-baseline")) == (0, b"")
    assert told(lint("lint", "--baseline", "known.json")) == (0, b"")
    path.write_bytes(SUDO + b"RUN sudo more\n")
    done = lint("lint", "--baseline", "known.json", "-f", "json")
    assert (done.returncode, codes(done.stdout)) == (1, [("Dockerfile", 4, "DL3004")])


def test_several_formats(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    done = lint("lint", "-f", "github", "-f", "sarif=out.sarif", "-f", "junit=out.xml")
    assert done.stdout.startswith(b"::error file=Dockerfile,line=2,")
    assert json.loads((lint.folder / "out.sarif").read_bytes())["version"] == "2.1.0"
    assert (lint.folder / "out.xml").read_bytes().startswith(b"<?xml")
    assert lint("lint", "-f", "json", "-o", "out.json").stdout == b""
    assert json.loads((lint.folder / "out.json").read_bytes())


def test_colour_on_a_terminal_only(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert "\x1b[1;31merror\x1b[0m" in lint.on_terminal("lint")[1]
    assert "\x1b[" not in lint.on_terminal("lint", "--no-color")[1]


def test_explain(lint: Lading) -> None:
    done = lint("lint", "--explain", "dl3004")
    assert done.returncode == 0
    assert done.stdout.startswith(b"# DL3004\n\n")
    assert b"Found:\n\n```dockerfile\n" in done.stdout


def test_list_of_rules(lint: Lading) -> None:
    listed = lint("lint", "--list-rules").stdout.decode().splitlines()
    assert any(line.startswith("DL3004") and " error " in line for line in listed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param((), "there is no Dockerfile here", id="no-dockerfile"),
        pytest.param(("--explain", "DL9999"), "there is no rule 'DL9999'", id="no-such-rule"),
        pytest.param(("--explain", "SC2086"), "SC2086 is a rule of ShellCheck's", id="shellcheck"),
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


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        pytest.param("missing", "missing: there is no such file", id="missing"),
        pytest.param("empty", "empty: there is no Dockerfile in this folder", id="folder-without"),
        pytest.param("loop", "loop: cannot be read: Too many levels of symbolic links", id="loop"),
        pytest.param("x" * 300, "cannot be read: File name too long", id="long-name"),
    ],
)
def test_what_cannot_be_read_does_not_stop_the_rest(lint: Lading, argument: str, message: str) -> None:
    (lint.folder / "Dockerfile").write_bytes(GOOD)
    (lint.folder / "empty").mkdir()
    (lint.folder / "loop").symlink_to("loop")
    status, err = told(lint("lint", argument, "Dockerfile"))
    assert status == 3
    assert message in err.decode()
    assert b"Traceback" not in err


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
        pytest.param(b"RUN x\n", b"Dockerfile:1:1 error DL1000: ", id="no-from"),
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


def test_a_bad_configuration_is_named(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(GOOD)
    (lint.folder / ".hadolint.yaml").write_text("failure-threshold: grave\n")
    status, err = told(lint("lint"))
    assert status == 3
    assert b".hadolint.yaml: failure-threshold: " in err


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
