from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from lading.inventory.eol import END_OF_LIFE

PAIRS = [
    (name, release, text) for name, releases in END_OF_LIFE.items() for release, text in releases.items()
]
DISTRO_INFO = Path("/usr/share/distro-info")


@pytest.mark.parametrize(
    ("name", "release", "text"), PAIRS, ids=[f"{name}-{release}" for name, release, _ in PAIRS]
)
def test_dates_are_dates(name: str, release: str, text: str) -> None:
    assert name == name.lower()
    assert release.strip() == release != ""
    assert date(2014, 1, 1) <= date.fromisoformat(text) <= date(2036, 1, 1)


@pytest.mark.parametrize(
    ("name", "order"),
    [("alpine", 10), ("debian", 8), ("fedora", 23), ("rhel", 6), ("photon", 4), ("azurelinux", 3)],
)
def test_later_releases_end_later(name: str, order: int) -> None:
    releases = END_OF_LIFE[name]
    assert len(releases) >= order
    in_order = sorted(releases, key=lambda release: [int(part) for part in release.split(".")])
    dates = [releases[release] for release in in_order]
    assert dates == sorted(dates)


@pytest.mark.parametrize(
    ("system", "column"), [("debian", "eol-lts"), ("ubuntu", "eol")], ids=["debian", "ubuntu"]
)
def test_as_distro_info_says(system: str, column: str) -> None:
    path = DISTRO_INFO / f"{system}.csv"
    if not path.is_file():
        pytest.skip("distro-info-data is not installed")
    compared = 0
    with path.open() as lines:
        for row in csv.DictReader(lines):
            release = row["version"].removesuffix(" LTS")
            ours = END_OF_LIFE[system].get(release)
            if ours and row[column]:
                assert ours == row[column], release
                compared += 1
    assert compared >= 7
