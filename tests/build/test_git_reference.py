from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import needs
from lading.build import git_reference
from lading.build.git_reference import GitReference
from lading.errors import LadingError, MalformedError

Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h/r.git", GitReference(remote="https://h/r.git")),
        ("https://h/r.git#main:a/../b/", GitReference(remote="https://h/r.git", ref="main", folder="b")),
        ("https://u:p@h/r.git#:/sub", GitReference(remote="https://u:p@h/r.git", folder="sub")),
        ("git@h:a/r#v1", GitReference(remote="git@h:a/r", ref="v1")),
        ("ssh://git@h:22/r", GitReference(remote="ssh://git@h:22/r")),
        ("git://h/r#..:../../x", GitReference(remote="git://h/r", ref="..", folder="x")),
        (
            "https://h/r.git?tag=v1&subdir=d",
            GitReference(remote="https://h/r.git", ref="refs/tags/v1", folder="d"),
        ),
        ("https://h/r.git?branch=refs/heads/b", GitReference(remote="https://h/r.git", ref="refs/heads/b")),
        (
            "https://h/r.git?commit=ab12&keep-git-dir",
            GitReference(remote="https://h/r.git", checksum="ab12", keep_git=True),
        ),
        ("https://h/r.git?submodules=0", GitReference(remote="https://h/r.git", submodules=False)),
        ("https://h/r.git#a%20b", None),
        ("https://h/r", None),
        ("https://h/r.git/x", None),
        ("file:///r.git", None),
        ("ext::sh", None),
        ("./r.git", None),
        ("github.com/a/b", None),
        ("a:b", None),
        ("/a@b:c", None),
    ],
)
def test_parse(text: str, expected: GitReference | None) -> None:
    if "%20" in text:
        with pytest.raises(MalformedError, match="not a branch, tag or commit"):
            git_reference.parse(text)
    else:
        assert git_reference.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://h/r.git?x=1", "has no 'x'"),
        ("https://h/r.git?ref=", "ref has no value"),
        ("https://h/r.git?ref=a&ref=b", "ref is given twice"),
        ("https://h/r.git?ref=a#b", "asked for in two ways"),
        ("https://h/r.git?tag=a&branch=a", "asked for in two ways"),
        ("https://h/r.git?subdir=a#:b", "asked for in two ways"),
        ("https://h/r.git?checksum=XYZ", "not the hash of a commit"),
        ("https://h/r.git?submodules=maybe", "submodules is true or false"),
        ("https://h/r.git?mtime=now", "mtime is commit or checkout"),
        ("https://h/r.git#--upload-pack=x", "not a branch, tag or commit"),
    ],
)
def test_wrong(text: str, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        git_reference.parse(text)


def test_short_and_local() -> None:
    assert git_reference.short("github.com/a/b#v:d") == GitReference(
        remote="https://github.com/a/b", ref="v", folder="d"
    )
    assert git_reference.short("example.com/a/b") is None
    assert git_reference.local("/r", "v:d") == GitReference(remote="/r", ref="v", folder="d")


def test_secrets_are_not_shown() -> None:
    found = git_reference.parse("https://user:secret@h/r.git?ref=a")
    assert found is not None
    assert found.shown == "https://h/r.git"


def _mine(text: str) -> dict[str, Any] | str | None:
    try:
        found = git_reference.parse(text)
    except LadingError as error:
        return str(error)
    if found is None:
        return None
    return {
        "Remote": found.remote, "Ref": found.ref, "SubDir": found.folder, "Checksum": found.checksum, "KeepGitDir": found.keep_git,
    }  # fmt: skip


@needs.tool("go")
def test_docker(ask_docker: Ask) -> None:
    source = random.Random(3)
    starts = ["https://h/r.git", "http://h:1/a/r.git", "git@h:r", "ssh://u@h/r", "git://h/r.git", "https://h/r", "u@h:/a.git", "h/r.git", "./x", "ftp://h/r.git"]  # fmt: skip
    queries = ["", "", "?ref=a", "?tag=v", "?branch=b", "?subdir=d/e", "?commit=ab", "?keep-git-dir", "?keep-git-dir=false", "?ref=a&subdir=d", "?x=y", "?ref=", "?submodules=x", "?mtime=x", "?tag=refs/tags/v"]  # fmt: skip
    fragments = ["", "", "#a", "#a:d/e", "#:d", "#refs/tags/v", "#", "#a:", "#:../x"]
    texts = ["".join(map(source.choice, (starts, queries, fragments))) for _ in range(1500)]
    answers = ask_docker([{"kind": "git", "text": text} for text in texts])
    differing = {}
    for text, answer in zip(texts, answers, strict=True):
        mine, git = _mine(text), answer["git"]
        theirs = (
            {key: git[key] for key in ("Remote", "Ref", "SubDir", "Checksum", "KeepGitDir")} if git else None
        )
        if theirs:
            theirs["SubDir"] = theirs["SubDir"].strip("/")
        if mine != theirs and not (isinstance(mine, str) and answer["error"]):
            differing[text] = (mine, theirs, answer["error"])
    assert differing == {}
    assert sum(answer["git"] is not None for answer in answers) > 300
