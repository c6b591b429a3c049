"""Every version string in real advisory data has a key, or no tool of its ecosystem reads it either."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import packaging.version
import pytest

import needs
from lading import versions
from lading.errors import MalformedError

ECOSYSTEMS = ["AlmaLinux", "Alpine", "Debian", "Go", "Maven", "RubyGems", "Wolfi", "crates.io", "npm"]


def unreadable(ecosystem: str) -> set[str]:
    scheme = versions.for_ecosystem(ecosystem)
    assert scheme
    refused = set()
    for text in set(texts_in(needs.mirror() / "osv" / ecosystem / "all.zip")):
        try:
            versions.key_of(scheme, text)
        except MalformedError:
            refused.add(text)
    return refused


def texts_in(archive: Path) -> Iterator[str]:
    with zipfile.ZipFile(archive) as records:
        for name in records.namelist():
            for affected in msgspec.json.decode(records.read(name)).get("affected", ()):
                yield from affected.get("versions", ())
                for span in affected.get("ranges", ()):
                    if span["type"] != "GIT":
                        yield from (text for event in span["events"] for text in event.values())


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_every_version_has_a_key(ecosystem: str) -> None:
    assert unreadable(ecosystem) == set()


def test_python_versions_from_before_pep_440_have_none() -> None:
    # 16 times of day, 59 with words of their own: `0.3m1`, `0.3.2d`, `1.0-final`, `0.1-bulbasaur`, `trunk`.
    refused = unreadable("PyPI")
    assert len(refused) == 75
    for text in refused:
        with pytest.raises(packaging.version.InvalidVersion, match="Invalid version"):
            packaging.version.Version(text)
