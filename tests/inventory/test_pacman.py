from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import reading
from lading.errors import MalformedError
from lading.inventory import pacman
from lading.inventory.pacman import PACMAN
from lading.model.fact import Files, Skipped
from lading.model.package import Location, Package

KEY = "gcc-libs-1:13.2.1-3"
DESC_PATH = f"var/lib/pacman/local/{KEY}/desc"
FILES_PATH = f"var/lib/pacman/local/{KEY}/files"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="pacman installs as root only")
DESC = """\
%NAME%
gcc-libs

%VERSION%
1:13.2.1-3

%BASE%
gcc

%DESC%
Runtime libraries shipped by GCC

%ARCH%
x86_64

%LICENSE%
GPL-3.0-with-GCC-exception
GFDL-1.3-or-later

%DEPENDS%
glibc>=2.27

"""


def test_whole_package() -> None:
    assert reading.facts(PACMAN, DESC_PATH, DESC) == [
        Package(
            type="alpm",
            name="gcc-libs",
            version="1:13.2.1-3",
            source_name="gcc",
            source_version="1:13.2.1-3",
            arch="x86_64",
            licenses=("GPL-3.0-with-GCC-exception", "GFDL-1.3-or-later"),
            locations=(Location(DESC_PATH),),
            key=KEY,
            reader="os/pacman",
        )
    ]


def test_files() -> None:
    text = "%FILES%\nusr/\nusr/lib/\nusr/lib/libgcc_s.so\nusr/lib/x y\n\n%BACKUP%\netc/x\tdeadbeef\n"
    assert reading.facts(PACMAN, FILES_PATH, text) == [
        Files("alpm", KEY, ("usr/lib/libgcc_s.so", "usr/lib/x y"))
    ]


@pytest.mark.parametrize(
    "text", ["", "%FILES%\n\n", "%FILES%\nusr/\n", "usr/lib/x\n", "%OTHER%\nusr/lib/x\n"]
)
def test_no_files(text: str) -> None:
    assert reading.facts(PACMAN, FILES_PATH, text) == []


@pytest.mark.parametrize(
    ("text", "source", "licenses"),
    [
        pytest.param("%NAME%\na\n\n%VERSION%\n1-1\n", "a", (), id="least"),
        pytest.param("%NAME%\na\n%VERSION%\n1-1\n%LICENSE%\n\n%BASE%\nb", "b", (), id="no-empty-lines"),
        pytest.param("%VERSION%\n1-1\n\n%NAME%\na\n%%\nx\n%LICENSE%\nMIT", "a", ("MIT",), id="other-order"),
    ],
)
def test_desc(text: str, source: str, licenses: tuple[str, ...]) -> None:
    [package] = reading.packages(PACMAN, DESC_PATH, text)
    assert (package.name, package.version) == ("a", "1-1")
    assert (package.source_name, package.licenses) == (source, licenses)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("%NAME%\na\n", id="no-version"),
        pytest.param("%VERSION%\n1\n", id="no-name"),
        pytest.param("%NAME%\n\n%VERSION%\n1\n", id="empty-name"),
        pytest.param("%NAME%\n" + "a" * 2000 + "\n%VERSION%\n1\n", id="long-name"),
    ],
)
def test_bad_desc(text: str) -> None:
    with pytest.raises(
        MalformedError, match="a package without %NAME% or %VERSION%, or with one that is too long"
    ):
        reading.facts(PACMAN, DESC_PATH, text)


def test_not_utf_8() -> None:
    assert reading.facts(PACMAN, FILES_PATH, b"%FILES%\na\xff\n") == [Files("alpm", KEY, ("a\\xff",))]


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacman, "_MAX_LINES", 3)
    assert reading.facts(PACMAN, FILES_PATH, "%FILES%\na\nb\nc\nd\n") == [
        Skipped("os/pacman", FILES_PATH, "more than 3 lines: the rest is not read"),
        Files("alpm", KEY, ("a", "b")),
    ]


def test_cut_at_every_byte() -> None:
    for end in range(len(DESC)):
        reading.survives(PACMAN, DESC_PATH, DESC[:end])


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for path in (DESC_PATH, FILES_PATH):
        reading.survives(PACMAN, path, data)
        reading.survives(PACMAN, path, DESC.encode() + b"%FILES%\n" + data)


def _archive(path: Path, info: str, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {".PKGINFO": info, **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))


@needs.tool("pacman")
@AS_ROOT
def test_as_pacman_itself_says(tmp_path: Path) -> None:
    database = tmp_path / "root" / "var/lib/pacman"
    database.mkdir(parents=True)
    base = ["pacman", "--config", "/dev/null", "--dbpath", str(database)]
    for name, more in (("sample-doc", "pkgbase = sample\nlicense = MIT\nlicense = ISC\n"), ("other", "")):
        info = f"pkgname = {name}\npkgver = 1:2.0-3\narch = any\nsize = 1\n{more}"
        path = tmp_path / f"{name}.pkg.tar.gz"
        _archive(path, info, {f"usr/share/{name}/a": "1", f"usr/share/{name}/gr\u00fc\u00df": "2"})
        install = [*base, "--root", str(tmp_path / "root"), "--noconfirm", "-U", str(path)]
        subprocess.run(install, check=True, capture_output=True)
    root = tmp_path / "root"
    found = [
        fact
        for kind in ("desc", "files")
        for path in sorted(database.glob(f"local/*/{kind}"))
        for fact in reading.facts(PACMAN, str(path.relative_to(root)), path.read_bytes())
    ]
    packages = [fact for fact in found if isinstance(fact, Package)]
    files = {fact.owner: fact.paths for fact in found if isinstance(fact, Files)}
    query = subprocess.run([*base, "-Q"], check=True, capture_output=True, text=True).stdout.splitlines()
    assert sorted(f"{one.name} {one.version}" for one in packages) == sorted(query)
    assert {one.name: (one.source_name, one.licenses) for one in packages} == {
        "sample-doc": ("sample", ("MIT", "ISC")),
        "other": ("other", ()),
    }
    listing = [*base, "--root", str(root), "-Ql"]
    listed = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines()
    owned = {tuple(line.split(f" {root}/", 1)) for line in listed if not line.endswith("/")}
    assert {(one.name, path) for one in packages for path in files[one.key]} == owned
