from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

import needs
from lading.cli.lsp_files import Rulebook, folder_of, is_ours, path_of
from lading.errors import MalformedError, UnavailableError


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///app/Dockerfile", "/app/Dockerfile"),
        ("file://localhost/app/Dockerfile", "/app/Dockerfile"),
        ("file:///a%20b/%C3%A9%23%3F;x=1/Dockerfile", "/a b/\u00e9#?;x=1/Dockerfile"),
        ("file:///a%FFb", os.fsdecode(b"/a\xffb")),
        ("file:Dockerfile", None),
        ("file:///a%00b", None),
        ("untitled:Untitled-1", None),
        ("http://x/Dockerfile", None),
        ("file://[/x", None),
        ("", None),
    ],
)
def test_path_of(uri: str, path: str | None) -> None:
    assert path_of(uri) == (None if path is None else Path(path))


@pytest.mark.parametrize(
    ("uri", "language", "ours"),
    [
        ("file:///a/Dockerfile", "plaintext", True),
        ("file:///a/Containerfile.dev", "", True),
        ("file:///a/web.Dockerfile", "", True),
        ("file:///a/build", "dockerfile", True),
        ("untitled:Untitled-1", "Dockerfile", True),
        ("file:///a/Dockerfile.md", "markdown", False),
        ("file:///a/README", "plaintext", False),
        ("untitled:Untitled-1", "plaintext", False),
    ],
)
def test_is_ours(uri: str, language: str, *, ours: bool) -> None:
    assert is_ours(uri, language) is ours


@pytest.mark.parametrize(
    ("path", "workspace", "cwd", "folder"),
    [
        ("/w/a/Dockerfile", ["/w", "/w/a", "/x"], "/home", "/w/a"),
        ("/w/b/c/Dockerfile", ["/w", "/w/a"], "/home", "/w"),
        ("/home/p/Dockerfile", ["/w"], "/home", "/home"),
        ("/home/p/Dockerfile", [], "/home", "/home"),
        ("/other/p/Dockerfile", ["/w"], "/home", "/other/p"),
        ("/other/p/Dockerfile", [], "/", "/other/p"),
        (None, ["/w", "/x"], "/home", "/w"),
        (None, [], "/home", "/home"),
    ],
)
def test_folder_of(path: str | None, workspace: list[str], cwd: str, folder: str) -> None:
    around = [Path(one) for one in workspace]
    assert folder_of(Path(path) if path else None, around, Path(cwd)) == Path(folder)


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rulebook:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return Rulebook(argparse.Namespace(config=None, offline=True))


def test_settings_are_those_of_the_folder_and_as_they_are_now(rules: Rulebook, tmp_path: Path) -> None:
    uri = (tmp_path / "Dockerfile").as_uri()
    assert rules.task(uri, tmp_path)[0].config.ignored == frozenset()
    (tmp_path / ".hadolint.yaml").write_text("ignored: [DL3006]\n")
    (tmp_path / "lading.toml").write_text("[lint]\nignore = ['DL3007']\n")
    task, problem = rules.task(uri, tmp_path)
    assert problem is None
    assert task.config.ignored == {"DL3006", "DL3007"}
    assert task.path == str(tmp_path / "Dockerfile")


def test_broken_settings_leave_those_that_were(rules: Rulebook, tmp_path: Path) -> None:
    uri = (tmp_path / "Dockerfile").as_uri()
    path = tmp_path / ".hadolint.yaml"
    path.write_text("ignored: [DL3006]\n")
    rules.task(uri, tmp_path)
    path.write_text("ignored: 5\n")
    task, problem = rules.task(uri, tmp_path)
    assert isinstance(problem, MalformedError)
    assert task.config.ignored == {"DL3006"}
    other, _ = rules.task(uri, tmp_path / "other")
    assert other.config.ignored == frozenset()


@pytest.mark.parametrize(
    ("name", "has"),
    [("Dockerfile", True), ("Containerfile", True), ("web.Dockerfile", False), ("sub/Dockerfile", False)],
)
def test_the_context_is_the_folder_where_the_command_takes_it_so(
    rules: Rulebook, tmp_path: Path, name: str, *, has: bool
) -> None:
    task, _ = rules.task((tmp_path / name).as_uri(), tmp_path)
    assert task.context == (tmp_path if has else None)


def test_a_document_without_a_file_has_a_name(rules: Rulebook, tmp_path: Path) -> None:
    assert rules.task("untitled:a/Untitled-1", tmp_path)[0].path == "Untitled-1"
    assert rules.task("untitled:", tmp_path)[0].path == "untitled:"
    assert rules.task("x/", tmp_path)[0].path == "Dockerfile"


def test_an_index_is_kept_while_the_settings_are(rules: Rulebook, tmp_path: Path) -> None:
    first = rules.index(tmp_path)
    assert rules.index(tmp_path) is first
    (tmp_path / "lading.toml").write_text("insecure-registries = ['localhost:5000']\n")
    assert rules.index(tmp_path) is not first


def test_an_index_by_settings_that_are_broken(tmp_path: Path) -> None:
    rules = Rulebook(argparse.Namespace(config=tmp_path / "gone.toml", offline=True))
    with pytest.raises(UnavailableError):
        rules.index(tmp_path)


def test_shellcheck_is_asked_as_the_settings_want_it(rules: Rulebook, tmp_path: Path) -> None:
    needs.shellcheck()
    uri = (tmp_path / "Dockerfile").as_uri()
    ask = rules.task(uri, tmp_path)[0].shellcheck
    assert ask is not None
    assert rules.task(uri, tmp_path / "other")[0].shellcheck == ask
    assert [one.code for one in ask(["#!/bin/sh\ncd /a; ls\n"])[0].comments] == [2164]
    path = tmp_path / "lading.toml"
    path.write_text("jobs = [\n")
    assert rules.task(uri, tmp_path)[0].shellcheck == ask
    path.write_text("shellcheck = false\n")
    assert rules.task(uri, tmp_path)[0].shellcheck is None
    rules.close()
    assert ask(["#!/bin/sh\ncd /b; ls\n"])[0].comments == ()


def test_a_shellcheck_that_is_broken_is_told_of_and_asked_no_more(rules: Rulebook, tmp_path: Path) -> None:
    uri = (tmp_path / "Dockerfile").as_uri()
    (tmp_path / "lading.toml").write_text("shellcheck = 'nowhere'\n")
    task, problem = rules.task(uri, tmp_path)
    assert (problem, task.shellcheck is None) == (None, False)
    assert task.shellcheck is not None
    task.shellcheck(["#!/bin/sh\n"])
    task, problem = rules.task(uri, tmp_path)
    assert "nowhere: cannot be run: No such file" in str(problem)
    assert task.shellcheck is None
    rules.close()
