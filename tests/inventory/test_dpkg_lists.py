from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deb_samples
import needs
import reading
from lading.inventory import dpkg_lists
from lading.inventory.dpkg import DPKG
from lading.inventory.dpkg_lists import DPKG_LISTS
from lading.model.fact import Files, Skipped

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="dpkg unpacks as root only")
LIST = "var/lib/dpkg/info/bash.list"
SUMS = "var/lib/dpkg/status.d/base.md5sums"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "/.\n/bin\n/bin/bash\n/usr\n/usr/share\n/usr/share/x\n", ("bin/bash", "usr/share/x"), id="usual"
        ),
        pytest.param("/.\n/a\n/a/b\n/a b\n/a/c\n", ("a/b", "a b", "a/c"), id="directory-only-before-its-own"),
        pytest.param("/a\n/ab\n/ab/c\n", ("a", "ab/c"), id="same-beginning"),
        pytest.param("/a", ("a",), id="no-newline"),
        pytest.param("/.\n/empty\n", ("empty",), id="empty-directory"),
        pytest.param("/a\n\n\n", ("a",), id="empty-lines-at-the-end"),
    ],
)
def test_list(text: str, expected: tuple[str, ...]) -> None:
    assert reading.facts(DPKG_LISTS, LIST, text) == [Files("deb", "bash", expected)]


@pytest.mark.parametrize("text", ["", "\n", "/.\n", "/\n"])
def test_nothing_in_it(text: str) -> None:
    assert reading.facts(DPKG_LISTS, LIST, text) == []


def test_names_not_utf_8_are_as_the_walk_has_them() -> None:
    [fact] = reading.facts(DPKG_LISTS, "var/lib/dpkg/info/libc6:amd64.list", b"/b\xff\n")
    assert fact == Files("deb", "libc6:amd64", ("b\\xff",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{MD5}  usr/bin/x\n{MD5}  etc/a b\n", ("usr/bin/x", "etc/a b"), id="usual"),
        pytest.param(f"{MD5}  ./usr/bin/x\n{MD5}  /etc/y\n", ("usr/bin/x", "etc/y"), id="dot-or-slash"),
        pytest.param(f"{MD5}  a\nnot a sum\n{MD5}\n{MD5}  \n{MD5}xx\n", ("a",), id="other-lines"),
    ],
)
def test_checksums(text: str, expected: tuple[str, ...]) -> None:
    assert reading.facts(DPKG_LISTS, SUMS, text) == [Files("deb", "base", expected)]


@pytest.mark.parametrize(("path", "line"), [(LIST, "/a\n"), (SUMS, f"{MD5}  a\n")], ids=["list", "md5sums"])
def test_too_many(monkeypatch: pytest.MonkeyPatch, path: str, line: str) -> None:
    monkeypatch.setattr(dpkg_lists, "_MAX_PATHS", 2)
    owner = path.rpartition("/")[2].rpartition(".")[0]
    assert reading.facts(DPKG_LISTS, path, line * 3) == [
        Skipped("os/dpkg-lists", path, "more than 2 paths: the rest is not read"),
        Files("deb", owner, ("a", "a")),
    ]


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    reading.survives(DPKG_LISTS, LIST, data)
    reading.survives(DPKG_LISTS, SUMS, data)
    reading.survives(DPKG_LISTS, LIST, b"/" + data.replace(b"\0", b"\n/"))


@needs.tool("dpkg", "dpkg-deb", "dpkg-query")
@AS_ROOT
def test_every_package_of_dpkg_finds_its_files(tmp_path: Path) -> None:
    admin = deb_samples.installed_root(tmp_path) / "var/lib/dpkg"
    lists = {}
    for path in (admin / "info").glob("*.list"):
        for fact in reading.facts(DPKG_LISTS, f"var/lib/dpkg/info/{path.name}", path.read_bytes()):
            assert isinstance(fact, Files)
            lists[fact.owner] = set(fact.paths)
    packages = reading.packages(DPKG, "var/lib/dpkg/status", (admin / "status").read_bytes())
    assert len(packages) == 7
    for package in packages:
        assert lists[package.key] == _files(admin, f"{package.name}:{package.arch}")
    assert set(lists) - {package.key for package in packages} == {"removed"}


def _files(admin: Path, name: str) -> set[str]:
    """Return the files, without directories that have some, that dpkg-query lists."""
    listed = deb_samples.listed(admin, name)
    return {
        path[1:] for path in listed if not any(one.startswith(path + "/") for one in listed) and path != "/."
    }
