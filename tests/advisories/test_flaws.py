from __future__ import annotations

import pytest

from lading.advisories.flaws import Flaws, flaws, is_cve
from lading.advisories.osv import Record

A, B, C = "CVE-2024-0001", "CVE-2024-0002", "CVE-2023-12345"


@pytest.mark.parametrize(
    ("family", "record", "expected"),
    [
        pytest.param(
            "PyPI",
            Record("PYSEC-1", aliases=[A, "GHSA-x"]),
            Flaws((A,), False, ("PYSEC-1", "GHSA-x")),
            id="one-cve",
        ),
        pytest.param(
            "RubyGems", Record(A, aliases=["GHSA-x"]), Flaws((A,), False, ("GHSA-x",)), id="own-id-is-the-cve"
        ),
        pytest.param(
            "Go", Record("GO-1", aliases=[B, A]), Flaws((B, A), False, ("GO-1",)), id="aliases-are-one-flaw"
        ),
        pytest.param(
            "npm", Record("GHSA-x", related=[A]), Flaws((), False, ("GHSA-x",)), id="related-is-another-flaw"
        ),
        pytest.param(
            "Debian",
            Record("DSA-1", upstream=[B, A]),
            Flaws((B, A), True, ("DSA-1",)),
            id="upstream-is-several",
        ),
        pytest.param(
            "Ubuntu",
            Record("USN-6702-2", upstream=["UBUNTU-" + B, "UBUNTU-" + A]),
            Flaws((B, A), True, ("USN-6702-2",)),
            id="upstream-by-the-names-of-ubuntu",
        ),
        pytest.param(
            "Ubuntu",
            Record("USN-2274-1", upstream=["UBUNTU-" + A, A]),
            Flaws((A,), False, ("USN-2274-1", "UBUNTU-" + A)),
            id="upstream-by-both-names",
        ),
        pytest.param(
            "Ubuntu",
            Record("USN-2319-2", summary="openjdk-7 regression"),
            Flaws((), False, ("USN-2319-2",), False),
            id="regression",
        ),
        pytest.param(
            "Debian",
            Record("DSA-1-2", summary="a - regression update", upstream=[A]),
            Flaws((A,), False, ("DSA-1-2",)),
            id="regression-that-names-a-flaw",
        ),
        pytest.param(
            "PyPI",
            Record("PYSEC-1", summary="A regression of a fix"),
            Flaws((), False, ("PYSEC-1",)),
            id="upstream's",
        ),
        pytest.param(
            "Wolfi",
            Record("CGA-1", aliases=[A, "GHSA-x"], upstream=[A, "GHSA-x"]),
            Flaws((A,), False, ("CGA-1", "GHSA-x")),
            id="upstream-repeats-aliases",
        ),
        pytest.param(
            "Wolfi",
            Record("CGA-1", aliases=[A, B], upstream=[B, A]),
            Flaws((A, B), False, ("CGA-1",)),
            id="upstream-repeats-two-aliases",
        ),
        pytest.param(
            "Wolfi",
            Record("CGA-1", aliases=[A], upstream=[A, B]),
            Flaws((A, B), True, ("CGA-1",)),
            id="upstream-says-more",
        ),
        pytest.param(
            "Alpine", Record("ALPINE-" + A, upstream=[A]), Flaws((A,), False, ("ALPINE-" + A,)), id="alpine"
        ),
        pytest.param(
            "Alpine", Record("ALPINE-" + A), Flaws((A,), False, ("ALPINE-" + A,)), id="cve-in-the-id"
        ),
        pytest.param(
            "AlmaLinux", Record("ALSA-1", related=[A, B]), Flaws((A, B), True, ("ALSA-1",)), id="alsa"
        ),
        pytest.param(
            "AlmaLinux", Record("ALSA-1", related=["x"]), Flaws((), False, ("ALSA-1",)), id="alsa-without-cve"
        ),
        pytest.param("AlmaLinux", Record("ALBA-1"), Flaws((), False, ("ALBA-1",), False), id="bug-fix"),
        pytest.param("AlmaLinux", Record("ALEA-1"), Flaws((), False, ("ALEA-1",), False), id="enhancement"),
        pytest.param(
            "AlmaLinux", Record("ALBA-1", related=[A]), Flaws((A,), False, ("ALBA-1",)), id="bug-fix-with-cve"
        ),
        pytest.param("Red Hat", Record("RHBA-1"), Flaws((), False, ("RHBA-1",), False), id="red-hat-bug-fix"),
        pytest.param(
            "SUSE", Record("SUSE-RU-2024:1-1"), Flaws((), False, ("SUSE-RU-2024:1-1",), False), id="suse"
        ),
        pytest.param(
            "Wolfi",
            Record("CGA-1", aliases=["GHSA-x"]),
            Flaws((), False, ("CGA-1", "GHSA-x")),
            id="ghsa-only",
        ),
        pytest.param("PyPI", Record("P", aliases=[A, A, "P"]), Flaws((A,), False, ("P",)), id="doubled"),
    ],
)
def test_flaws(family: str, record: Record, expected: Flaws) -> None:
    assert flaws(record, family) == expected


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        (A, True),
        ("CVE-2024-1234567", True),
        ("CVE-24-0001", False),
        ("CVE-2024-001", False),
        ("cve-2024-0001", False),
        ("xCVE-2024-0001", False),
        ("CVE-2024-0001\n", False),
        ("", False),
    ],
)
def test_is_cve(name: str, *, yes: bool) -> None:
    assert is_cve(name) is yes
