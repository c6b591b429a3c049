from __future__ import annotations

from collections.abc import Iterator

import pytest

import imaging
from lading.model.fact import Fact, Files
from lading.oci.dispatch import Dispatch
from lading.oci.overlay import Overlay
from lading.oci.reader import FileReader, TreeFile
from lading.oci.walk import walk_layer


def read(file: TreeFile) -> Iterator[Fact]:
    yield Files("t", "o", (file.data.decode(),))


DB = FileReader(
    name="t/db", paths=("lib/db/installed", "usr/lib/db/installed", "lib/db/info/*.list"), read=read
)
APP = FileReader(name="t/app", paths=("**/app.json",), read=read)
ALL = Dispatch([DB, APP])


def overlay(*trees: imaging.Tree) -> Overlay:
    return Overlay([walk_layer(imaging.layer(imaging.tar(tree)), ALL) for tree in trees])


def history(path: str, *trees: imaging.Tree) -> list[tuple[int, str | None]]:
    states = overlay(*trees).histories().get(path, [])
    return [(at, None if facts is None else _content(facts)) for at, facts in states]


def _content(facts: tuple[Fact, ...]) -> str:
    return "".join(fact.paths[0] for fact in facts if isinstance(fact, Files))


A = {"a/b/app.json": b"1"}


@pytest.mark.parametrize(
    ("above", "states"),
    [
        pytest.param({"other": b""}, [(0, "1")], id="untouched"),
        pytest.param({"a": None, "a/b": None}, [(0, "1")], id="directories-again"),
        pytest.param({"a/b/app.json": b"2"}, [(0, "1"), (1, "2")], id="replaced"),
        pytest.param({"a/b/.wh.app.json": b""}, [(0, "1"), (1, None)], id="removed"),
        pytest.param({"a/.wh.b": b""}, [(0, "1"), (1, None)], id="its-folder-removed"),
        pytest.param({".wh.a": b""}, [(0, "1"), (1, None)], id="far-above-removed"),
        pytest.param({"a/b/.wh..wh..opq": b""}, [(0, "1"), (1, None)], id="opaque"),
        pytest.param({".wh..wh..opq": b""}, [(0, "1"), (1, None)], id="opaque-root"),
        pytest.param({"a/b/c/.wh..wh..opq": b""}, [(0, "1")], id="opaque-elsewhere"),
        pytest.param({"a/b": b"a file now"}, [(0, "1"), (1, None)], id="folder-became-a-file"),
        pytest.param({"a": ("->", "c")}, [(0, "1"), (1, None)], id="folder-became-a-link"),
        pytest.param({"a/b/app.json": ("->", "x")}, [(0, "1"), (1, None)], id="file-became-a-link"),
        pytest.param({"a/b/app.json": None}, [(0, "1"), (1, None)], id="file-became-a-folder"),
        pytest.param({"a/.wh.bb": b"", "a/b/app.jso": b""}, [(0, "1")], id="near-misses"),
        pytest.param(
            {"a/b/.wh..wh..opq": b"", "a/b/app.json": b"2"}, [(0, "1"), (1, "2")], id="opaque-and-new"
        ),
        pytest.param(
            {"a/b/app.json": b"2", "a/.wh.b": b""}, [(0, "1"), (1, "2")], id="whiteouts-are-for-below"
        ),
    ],
)
def test_histories(above: imaging.Tree, states: list[tuple[int, str | None]]) -> None:
    assert history("a/b/app.json", A, above) == states


def test_it_comes_back() -> None:
    gone = {"a/b/.wh.app.json": b""}
    assert history("a/b/app.json", A, gone, {}, {"a/b/app.json": b"3"}) == [(0, "1"), (1, None), (3, "3")]


@pytest.mark.parametrize(
    ("tree", "path", "real"),
    [
        ({"lib": ("->", "usr/lib")}, "lib/db/x", "usr/lib/db/x"),
        ({"lib": ("->", "/usr/lib")}, "lib/x", "usr/lib/x"),
        ({"a/b": ("->", "../c"), "c": ("->", "d/e")}, "a/b/f", "d/e/f"),
        ({"a": ("->", "../../../x")}, "a/y", "x/y"),
        ({"a": ("->", "b"), "b": ("->", "a")}, "a/x", ""),
        ({"a": ("->", "a/a")}, "a", ""),
        ({"a": ("->", ".")}, "a/a/a/x", "x"),
        ({}, "lib/x", "lib/x"),
    ],
)
def test_resolve(tree: imaging.Tree, path: str, real: str) -> None:
    assert overlay(tree).resolve(path) == real


def test_a_link_that_was_removed_or_replaced_leads_nowhere() -> None:
    first = {"lib": ("->", "usr/lib")}
    assert overlay(first, {".wh.lib": b""}).resolve("lib/x") == "lib/x"
    assert overlay(first, {"lib": None}).resolve("lib/x") == "lib/x"
    assert overlay(first, {"usr": None}).resolve("lib/x") == "usr/lib/x"
    assert overlay(first).top_links() == {"lib": "usr/lib"}


@pytest.mark.parametrize(
    ("trees", "unread"),
    [
        pytest.param(
            [{"lib": ("->", "usr/lib"), "usr/lib/db/installed": b""}], {}, id="read-under-its-own-path"
        ),
        pytest.param(
            [{"lib": ("->", "usr/lib"), "usr/lib/db/info/a.list": b"", "usr/lib/db/info/b": b""}],
            {0: {"usr/lib/db/info/a.list": "lib/db/info/a.list"}},
            id="a-folder-behind-a-link",
        ),
        pytest.param(
            [{"data/real": b""}, {"lib/db/installed": ("->", "/data/real")}],
            {0: {"data/real": "lib/db/installed"}},
            id="a-link-in-a-later-layer",
        ),
        pytest.param(
            [{"data/x": b"", "z/app.json": ("=", "data/x"), "y/app.json": ("=", "z/app.json")}],
            {0: {"data/x": "z/app.json"}},
            id="a-hard-link-to-another-name",
        ),
        pytest.param([{"z/app.json": ("->", "app.json")}], {}, id="a-loop"),
        pytest.param([{"z/app.json": ("->", "nowhere")}], {}, id="a-dangling-link"),
        pytest.param([{"q/app.json": b"", "z/app.json": ("->", "../q/app.json")}], {}, id="the-same-reader"),
    ],
)
def test_unread(trees: list[imaging.Tree], unread: dict[int, dict[str, str]]) -> None:
    assert overlay(*trees).unread(ALL) == unread
