from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import reading
from lading.inventory import apk
from lading.inventory.apk import APK
from lading.model.fact import Skipped
from lading.model.package import Location, Package

PATH = "lib/apk/db/installed"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may chroot")
UTILS = """\
C:Q1lOd4PQrgSXs/0LRsLsO/P4f7i/s=
P:musl-utils
V:1.1.22-r3
A:x86_64
S:37944
I:151552
T:the musl c library (libc) implementation
U:http://www.musl-libc.org/
L:MIT BSD GPL2+
o:musl
m:Timo Teras <timo.teras@iki.fi>
t:1565109420
c:0c777cf840e82cdc528651e3f3f8f9dda6b1b028
D:scanelf so:libc.musl-x86_64.so.1
p:cmd:getconf
F:
R:top
F:sbin
R:ldconfig
a:0:0:755
Z:Q1Kja2+POZKxEkUOZqwSjC6kmaED4=
F:usr
F:usr/bin
R:iconv
a:0:0:755
R:getent

"""


def skipped(reason: str) -> Skipped:
    return Skipped("os/apk", PATH, reason)


def test_whole_package() -> None:
    assert reading.facts(APK, PATH, UTILS) == [
        Package(
            type="apk",
            name="musl-utils",
            version="1.1.22-r3",
            source_name="musl",
            source_version="1.1.22-r3",
            arch="x86_64",
            licenses=("MIT BSD GPL2+",),
            files=("top", "sbin/ldconfig", "usr/bin/iconv", "usr/bin/getent"),
            locations=(Location(PATH, 1),),
            key="musl-utils",
            reader="os/apk",
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("P:a\nV:1\n\n", [("a", "1", "a", 1)], id="no-origin"),
        pytest.param("P:a\nV:1\no:\n\n", [("a", "1", "a", 1)], id="empty-origin"),
        pytest.param("P:a\nV:1\n\nP:b\nV:2\no:c\n\n", [("a", "1", "a", 1), ("b", "2", "c", 4)], id="two"),
        pytest.param(
            "\n\n\nP:a\nV:1\n\n\n\nP:b\nV:2\n", [("a", "1", "a", 4), ("b", "2", "b", 9)], id="empty-lines"
        ),
        pytest.param(
            "P:.build-deps\nV:20240101.1\n\n", [(".build-deps", "20240101.1", ".build-deps", 1)], id="virtual"
        ),
        pytest.param("p:no\nv:0\nP:a\nV:1\nO:no\n\n", [("a", "1", "a", 1)], id="case-matters"),
        pytest.param("P:a\nP:b\nV:1\n\n", [("a", "1", "a", 1)], id="first-of-two"),
        pytest.param("", [], id="empty"),
        pytest.param("\n\n", [], id="only-newlines"),
    ],
)
def test_packages(text: str, expected: list[tuple[str, str, str, int]]) -> None:
    found = reading.packages(APK, PATH, text)
    assert [(one.name, one.version, one.source_name, one.locations[0].line) for one in found] == expected
    assert len(reading.facts(APK, PATH, text)) == len(expected)


def test_bad_packages_are_skipped_and_the_others_read() -> None:
    found = reading.facts(APK, PATH, f"P:a\nL:MIT\n\nV:1\n\nP:b\nV:{'1' * 5000}\n\nR:lost\n\n" + UTILS)
    assert found[:4] == [
        skipped("line 1: a package without version: 'a'"),
        skipped("line 4: a package without name: '1'"),
        skipped("line 6: a field of more than 4096 characters"),
        skipped("line 9: a package without name: ''"),
    ]
    assert [fact.name for fact in found[4:] if isinstance(fact, Package)] == ["musl-utils"]


def test_not_utf_8() -> None:
    [package] = reading.packages(APK, PATH, b"P:a\xff\nV:1\nF:d\xff\nR:\xfe\n\n")
    assert (package.name, package.files) == ("a\\xff", ("d\\xff/\\xfe",))


def test_files_cannot_stand_for_endless_text() -> None:
    text = "P:a\nV:1\nF:" + "d" * 4000 + "\n" + "R:x\n" * 5000
    reason = "line 1: more packages or longer paths than there can be"
    assert reading.facts(APK, PATH, text) == [skipped(reason)]


def test_too_many_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apk, "_MAX_PACKAGES", 2)
    found = reading.facts(APK, PATH, "P:a\nV:1\n\n" * 4)
    assert found[2:] == [skipped("line 7: more packages or longer paths than there can be")]


def test_cut_at_every_byte() -> None:
    for end in range(1, len(UTILS)):
        cut = skipped("ends within a line: packages may be missing")
        assert (cut in reading.facts(APK, PATH, UTILS[:end])) is (UTILS[end - 1] != "\n")


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    reading.survives(APK, PATH, data)
    reading.survives(APK, PATH, UTILS.encode()[:-1] + data)


@pytest.fixture(params=["alpine-310.tar.gz", "alpine-311.tar.gz"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The file system of a real image."""
    with tarfile.open(needs.images() / request.param) as image:
        layer = image.extractfile(next(name for name in image.getnames() if name.endswith("layer.tar")))
        with tarfile.open(fileobj=layer) as archive:
            archive.extractall(tmp_path, filter="tar")
    return tmp_path


def _info(root: Path, *arguments: str) -> list[str]:
    command = ["chroot", str(root), "/sbin/apk", "info", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line]


@AS_ROOT
def test_as_apk_itself_says(root: Path) -> None:
    packages = reading.packages(APK, PATH, (root / PATH).read_bytes())
    assert sorted(f"{one.name}-{one.version}" for one in packages) == sorted(_info(root, "-v"))
    assert len(packages) > 10
    for package in packages:
        contents = [line for line in _info(root, "-L", package.name) if not line.endswith(" contains:")]
        assert sorted(package.files) == sorted(contents)
        licence = [line for line in _info(root, "--license", package.name) if not line.endswith(" license:")]
        assert list(package.licenses) == licence
