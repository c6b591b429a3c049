from __future__ import annotations

import importlib.metadata
import os.path

import pytest

import reading
from lading.errors import LimitError
from lading.inventory import python_record
from lading.inventory.python_record import INSTALLED_FILES, RECORD, SOURCES
from lading.model.fact import Files

SITE = "opt/venv/lib/python3.11/site-packages"
INFO = f"{SITE}/a-1.dist-info"
EGG = f"{SITE}/a.egg-info"


def _paths(text: str, reader: str = "record", path: str = f"{INFO}/RECORD") -> tuple[str, ...]:
    readers = {"record": RECORD, "installed": INSTALLED_FILES, "sources": SOURCES}
    found = reading.facts(readers[reader], path, text)
    assert len(found) <= 1
    return found[0].paths if found and isinstance(found[0], Files) else ()


def test_record() -> None:
    text = "a/__init__.py,sha256=x,12\n../../../bin/a,sha256=y,3\na-1.dist-info/RECORD,,\n"
    assert reading.facts(RECORD, f"{INFO}/RECORD", text) == [
        Files(
            type="pypi",
            owner=INFO,
            paths=(f"{SITE}/a/__init__.py", "opt/venv/bin/a", f"{SITE}/a-1.dist-info/RECORD"),
        )
    ]


@pytest.mark.parametrize(
    ("row", "path"),
    [
        pytest.param('"a,b.py",,', f"{SITE}/a,b.py", id="quoted-comma"),
        pytest.param('"a""b.py",,', f'{SITE}/a"b.py', id="quoted-quote"),
        pytest.param("a b.py,sha256=x=,1", f"{SITE}/a b.py", id="space"),
        pytest.param("/usr/share/a,,", "usr/share/a", id="absolute"),
        pytest.param("./x/../a.py,,", f"{SITE}/a.py", id="dots"),
        pytest.param("x//a.py,,", f"{SITE}/x/a.py", id="double-slash"),
        pytest.param(".hidden,,", f"{SITE}/.hidden", id="hidden"),
        pytest.param("a.py", f"{SITE}/a.py", id="no-columns"),
        pytest.param('"a.py', f"{SITE}/a.py", id="open-quote"),
        pytest.param("..", "opt/venv/lib/python3.11", id="directory"),
    ],
)
def test_row(row: str, path: str) -> None:
    assert _paths(row) == (path,)


@pytest.mark.parametrize("row", ["", ",,", "../../../../../../etc/x,,", "a\0b,,", "x" * 5000, "../" * 1300])
def test_row_that_names_no_file(row: str) -> None:
    assert _paths(row) == ()


def test_metadata_in_the_root() -> None:
    assert _paths("a.py,,\n../b,,", path="a-1.dist-info/RECORD") == ("a.py",)


def test_installed_files_are_relative_to_the_egg_info() -> None:
    text = "../a/__init__.py\n../../../../bin/a\nPKG-INFO\n"
    assert _paths(text, "installed", f"{EGG}/installed-files.txt") == (
        f"{SITE}/a/__init__.py", "opt/venv/bin/a", f"{EGG}/PKG-INFO"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "paths"),
    [
        pytest.param("setup.py README.md a.py a/b.py a.egg-info/PKG-INFO", "a.py a/b.py a.egg-info/PKG-INFO", id="flat"),
        pytest.param("setup.py tests/x.py src/a/b.py src/a.egg-info/PKG-INFO", "a/b.py a.egg-info/PKG-INFO", id="src"),
        pytest.param("src\\a\\b.py src\\a.egg-info\\PKG-INFO", "a/b.py a.egg-info/PKG-INFO", id="windows"),
        pytest.param("a/b.py", "a/b.py", id="does-not-list-itself"),
    ],
)  # fmt: skip
def test_sources(listed: str, paths: str) -> None:
    found = _paths("\n".join(listed.split()), "sources", f"{EGG}/SOURCES.txt")
    assert [os.path.relpath(path, SITE) for path in found] == paths.split()


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_record, "MAX_FILES", 2)
    with pytest.raises(LimitError, match="RECORD: more than 2 files of one package"):
        _paths("a\nb\nc")


def test_the_packages_of_this_environment() -> None:
    seen = 0
    for distribution in importlib.metadata.distributions():
        text = distribution.read_text("RECORD")
        if text and distribution.files:
            expected = {os.path.normpath(f"{SITE}/{path}") for path in distribution.files}
            assert set(_paths(text)) == {path for path in expected if not path.startswith("..")}
            seen += 1
    assert seen > 10
