from __future__ import annotations

import json

import pytest
import zstandard

import reading
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import chisel
from lading.inventory.chisel import CHISEL
from lading.model.fact import Skipped
from lading.model.package import Location, Package

PATH = "var/lib/chisel/manifest.wall"
LINES = [
    {"kind": "content", "slice": "libssl3t64_libs", "path": "/usr/lib/libssl.so.3"},
    {"kind": "package", "name": "base-files", "version": "13ubuntu10.3", "sha256": "00", "arch": "amd64"},
    {"kind": "package", "name": "libssl3t64", "version": "3.0.13-0ubuntu3.5", "sha256": "00", "arch": "amd64"},
    {"kind": "path", "path": "/etc/", "mode": "0755", "slices": ["base-files_base", "libssl3t64_libs"]},
    {"kind": "path", "path": "/etc/both", "mode": "0644", "slices": ["base-files_base", "libssl3t64_libs"], "size": 1},
    {"kind": "path", "path": "/lib", "mode": "0777", "slices": ["base-files_lib"], "link": "usr/lib"},
    {"kind": "path", "path": "/usr/lib/libssl.so.3", "mode": "0644", "sha256": "00", "size": 7, "slices": ["libssl3t64_libs"]},
    {"kind": "slice", "name": "base-files_base"},
]  # fmt: skip


def manifest(*lines: object, count: int | None = None) -> bytes:
    header = {"jsonwall": "1.0", "schema": "1.0", "count": len(lines) + 1 if count is None else count}
    return packed("".join(json.dumps(line) + "\n" for line in (header, *lines)).encode())


def packed(data: bytes) -> bytes:
    return zstandard.compress(data)


def test_packages_with_what_was_cut_out_of_them() -> None:
    assert reading.facts(CHISEL, PATH, manifest(*LINES)) == [
        Package(
            type="deb",
            name="base-files",
            version="13ubuntu10.3",
            arch="amd64",
            files=("etc/both", "lib"),
            locations=(Location(PATH, 3),),
            key="base-files",
            reader="os/chisel",
        ),
        Package(
            type="deb",
            name="libssl3t64",
            version="3.0.13-0ubuntu3.5",
            arch="amd64",
            files=("etc/both", "usr/lib/libssl.so.3"),
            locations=(Location(PATH, 4),),
            key="libssl3t64",
            reader="os/chisel",
        ),
    ]


def test_several_frames() -> None:
    whole = zstandard.decompress(manifest(*LINES))
    data = b"".join(packed(whole[at : at + 100]) for at in range(0, len(whole), 100))
    assert reading.facts(CHISEL, PATH, data) == reading.facts(CHISEL, PATH, manifest(*LINES))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        pytest.param(b"", MalformedError, "line 1 is not one", id="empty"),
        pytest.param(b'{"jsonwall":"1.0"}', MalformedError, "broken zstd data", id="plain"),
        pytest.param(packed(b"what is this"), MalformedError, "line 1 is not one", id="no-json"),
        pytest.param(packed(b'{"kind":"package","name":"x"}'), MalformedError, "its first line is another", id="no-header"),
        pytest.param(packed(b'{"jsonwall":"1.0"}\n[]\n'), MalformedError, "line 2 is not one", id="list"),
        pytest.param(packed(b'{"jsonwall":"1.0"}\n{"name":3}\n'), MalformedError, "line 2 is not one", id="number"),
        pytest.param(packed(b'{"jsonwall":"1.0"}\n{"x":' + b"[" * 100_000), MalformedError, "line 2", id="deep"),
        pytest.param(packed(b'{"jsonwall":"1.0"}\n{"name":"\xff"}\n'), MalformedError, "line 2", id="bytes"),
        pytest.param(packed(bytes(chisel.MAX_BYTES + 1)), LimitError, "of more than", id="bomb"),
    ],
)  # fmt: skip
def test_what_is_no_manifest(data: bytes, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message):
        reading.facts(CHISEL, PATH, data)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"kind": "package", "name": "x"}, "line 2: a package without version: 'x'"),
        ({"kind": "package", "version": "1"}, "line 2: a package without name: '1'"),
        (
            {"kind": "package", "name": "x" * 5000, "version": "1"},
            "line 2: a field of more than 4096 characters",
        ),
    ],
)
def test_a_package_that_is_not_whole(line: dict[str, str], reason: str) -> None:
    assert reading.facts(CHISEL, PATH, manifest(line)) == [Skipped("os/chisel", PATH, reason)]


def test_what_ends_before_its_end() -> None:
    found = reading.facts(CHISEL, PATH, manifest(LINES[1], count=75))
    assert found[0] == Skipped("os/chisel", PATH, "ends before its 75 lines: packages may be missing")
    assert isinstance(found[1], Package)
