from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisories import bulk
from advisories.looking import Look
from lading.advisories.osv import Specific
from lading.advisories.systems import spare_elf

WINDOWS = {"path": "os", "goos": ["windows"], "symbols": ["OpenFile"]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"imports": [WINDOWS]}, True),
        ({"imports": [WINDOWS, {"path": "syscall", "goos": ["darwin", "windows"]}]}, True),
        ({"imports": [WINDOWS, {"path": "syscall"}]}, False),
        ({"imports": [{"path": "os", "goos": ["linux", "windows"]}]}, False),
        ({"imports": [{"path": "misc/wasm", "goos": ["js"], "goarch": ["wasm"]}]}, False),
        ({"imports": []}, False),
        ({"imports": "windows"}, False),
        ({"imports": ["windows", None]}, False),
        ({"imports": [{"goos": [7]}]}, False),
        ({"affects": {"os": ["windows"], "arch": [], "functions": {}}}, True),
        ({"affects": {"os": ["ios", "macos"]}}, True),
        ({"affects": {"os": ["linux", "macos"]}}, False),
        ({"affects": {"os": []}}, False),
        ({"affects": ["windows"]}, False),
        ({}, False),
    ],
)
def test_spare_elf(fields: dict[str, Any], *, expected: bool) -> None:
    specific = msgspec.convert(fields, Specific)
    assert spare_elf([specific]) is expected
    assert spare_elf([specific, Specific(severity="high")]) is expected


def test_nothing_is_said() -> None:
    assert not spare_elf([])


@pytest.mark.parametrize(("reader", "expected"), [("go/binary", 0), ("go/mod", 1), ("", 1)])
def test_a_flaw_of_another_system(look: Look, reader: str, expected: int) -> None:
    """GO-2025-3750: files that were to be new, on Windows."""
    record = bulk.record(
        "GO-2025-3750", "Go", "stdlib", *bulk.span("0", "1.23.10"), aliases=["CVE-2025-0913"]
    )
    record["affected"][0]["ecosystem_specific"] = {"imports": [{**WINDOWS, "path": "syscall"}, WINDOWS]}
    other = bulk.record("GO-2025-3751", "Go", "stdlib", *bulk.span("0", "1.23.10"), aliases=["CVE-2025-4673"])
    package = bulk.package("stdlib", "1.23.9", "Go", "golang", reader=reader)
    assert [one.id for one in look([record, other], package)] == ["CVE-2025-0913"] * expected + [
        "CVE-2025-4673"
    ]
