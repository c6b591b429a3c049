from __future__ import annotations

from pathlib import Path

import pytest

import disk
from lading.build import selection
from lading.build.directory_files import DirectoryFiles
from lading.dockerfile import dockerignore
from lading.errors import MalformedError, UnavailableError


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> DirectoryFiles:
    for name in ("src/x", "src/y", "deep/a/b/c/d", "empty"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("app.go", "main.go", "src/x/one.c", "src/y/two.c", "deep/a/b/c/d/far.c", "arr[0].txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "link").symlink_to("src/x")
    (tmp_path / "out").symlink_to("../../../app.go")
    (tmp_path / "broken").symlink_to("none")
    return DirectoryFiles(tmp_path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("app.go", ["app.go"]),
        ("/app.go", ["app.go"]),
        ("../../app.go", ["app.go"]),
        (".", [""]),
        ("src/", ["src"]),
        ("*.go", ["app.go", "main.go"]),
        ("src/*/*.c", ["src/x/one.c", "src/y/two.c"]),
        ("s*/x", ["src/x"]),
        ("*.none", []),
        ("arr[[]0].txt", ["arr[0].txt"]),
        ("link", ["src/x"]),
        ("link/*", ["src/x/one.c"]),
        ("l*", ["src/x"]),
        ("out", ["app.go"]),
        ("*/*/*/*/*/*.c", ["deep/a/b/c/d/far.c"]),
    ],
)
def test_picks(files: DirectoryFiles, source: str, found: list[str]) -> None:
    assert [pick.path for pick in selection.picks(files, source, None, parents=False)] == found


@pytest.mark.parametrize("source", ["none", "src/none/x", "none/*.c", "broken", "app.go/x"])
def test_missing(files: DirectoryFiles, source: str) -> None:
    with pytest.raises(UnavailableError, match=r"there is no .* in the build context"):
        selection.picks(files, source, None, parents=False)


@pytest.mark.parametrize(
    ("source", "words"), [("", "a source is empty"), ("[", "not a pattern"), ("src/[a-", "not a pattern")]
)
def test_wrong(files: DirectoryFiles, source: str, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        selection.picks(files, source, None, parents=False)


def _selected(files: DirectoryFiles, source: str, *exclude: str, parents: bool) -> list[str]:
    patterns = dockerignore.patterns(exclude) if exclude else None
    picks = selection.picks(files, source, patterns, parents=parents)
    return [
        path + "/" * is_way for pick in picks for (path, _), is_way in selection.selected(files, pick) if path
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("src/x/one.c", ["src/", "src/x/", "src/x/one.c"]),
        ("./src/./x/one.c", ["x/", "x/one.c"]),
        ("src/./*/one.c", ["x/", "x/one.c"]),
        ("src/y", ["src/", "src/y", "src/y/two.c"]),
        (
            "./deep/**/*.c",
            ["deep/", "deep/a/", "deep/a/b/", "deep/a/b/c/", "deep/a/b/c/d/", "deep/a/b/c/d/far.c"],
        ),
        ("s*/./*/one.c", ["x/", "x/one.c"]),
        ("**/none", []),
    ],
)
def test_parents(files: DirectoryFiles, source: str, found: list[str]) -> None:
    assert _selected(files, source, parents=True) == found


def test_parents_of_all(files: DirectoryFiles) -> None:
    assert _selected(files, ".", parents=True) == _selected(files, ".", parents=False)


def test_parents_that_are_missing(files: DirectoryFiles) -> None:
    with pytest.raises(UnavailableError, match="there is no src/none"):
        selection.picks(files, "./src/./none", None, parents=True)


@pytest.mark.parametrize(
    ("exclude", "found"),
    [
        (["**/*.c"], ["x", "y"]),
        (["x"], ["y", "y/two.c"]),
        (["*", "!**/two.c"], ["y/", "y/two.c"]),
        (["*", "!x"], ["x", "x/one.c"]),
    ],
)
def test_exclude(files: DirectoryFiles, exclude: list[str], found: list[str]) -> None:
    assert _selected(files, "src", *exclude, parents=False) == found


def test_directories_are_entered_as_deep_as_the_pattern_goes(
    files: DirectoryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    monkeypatch.setattr(files, "_scanned", disk.noted(files._scanned, listed))
    selection.picks(files, "*/*.none", None, parents=False)
    assert listed == ["", "deep", "empty", "src"]
    listed.clear()
    assert _selected(files, "deep/a/./b/**", parents=True)
    assert "src/x" not in listed
