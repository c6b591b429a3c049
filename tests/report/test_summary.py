from __future__ import annotations

import msgspec
import pytest

from lading.model.fact import Skipped
from lading.model.report import AdvisoryData, OsInfo
from lading.model.severity import Impact, Severity, Status
from lading.report import summary
from lading.report.table import verdict
from report import factory

REPORT = factory.report()


def test_severities_gravest_first() -> None:
    assert list(summary.severities(REPORT.findings).items()) == [
        (Severity.CRITICAL, 1),
        (Severity.HIGH, 1),
        (Severity.MEDIUM, 2),
        (Severity.LOW, 0),
        (Severity.NEGLIGIBLE, 0),
        (Severity.UNKNOWN, 1),
    ]


def test_counts() -> None:
    assert summary.fixable(REPORT.findings) == 2
    assert summary.exploited(REPORT.findings) == 1
    assert summary.by_type(REPORT) == {"deb": 2, "generic": 1, "pypi": 1}


@pytest.mark.parametrize(
    ("names", "told"),
    [((), False), (("KEV", "EPSS"), False), (("Debian",), True), (("KEV", "PyPI"), True)],
    ids=str,
)
def test_was_checked(names: tuple[str, ...], *, told: bool) -> None:
    data = dict.fromkeys(names, AdvisoryData(records=1, modified="", digest=""))
    assert summary.was_checked(factory.report(advisories=data)) is told


def test_layers() -> None:
    first, second, third = summary.layers(REPORT)
    assert (first.number, first.instruction, first.where) == (1, "ADD file:abababa in /", "")
    assert (first.packages, [one.id for one in first.findings]) == (
        2,
        ["CVE-2022-3602", "CVE-2024-5535", "CVE-2024-5535"],
    )
    assert (second.where, third.where) == ("Dockerfile:4", "Dockerfile:9")


def test_of_two_layers_with_one_diff_id_the_first_has_the_packages() -> None:
    twice = factory.image(layers=(factory.LAYERS[0], factory.LAYERS[0]))
    report = factory.report(image=twice)
    assert [one.packages for one in summary.layers(report)] == [2, 0]
    assert summary.layer_numbers(report) == {factory.digest(101): 1}


@pytest.mark.parametrize(
    ("os", "name"),
    [
        (OsInfo(id="debian", version="12"), "debian 12"),
        (OsInfo(id="debian", version="12", name="Debian GNU/Linux"), "Debian GNU/Linux 12"),
        (OsInfo(id="debian", version="12", name="Debian", codename="bookworm"), "Debian 12 (bookworm)"),
        (
            OsInfo(id="debian", version="12", name="Debian 12 (bookworm)", codename="bookworm"),
            "Debian 12 (bookworm)",
        ),
        (OsInfo(id="debian", version="", name="Debian", codename="forky"), "Debian (forky)"),
        (OsInfo(id="arch", version=""), "arch"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_os_name(os: OsInfo, name: str) -> None:
    assert summary.os_name(os) == name


@pytest.mark.parametrize(
    ("end", "ended", "told"),
    [
        (None, False, ""),
        ("2030-01-01", False, "supported until 2030-01-01"),
        ("2020-01-01", True, "END OF LIFE since 2020-01-01: gets no more security fixes"),
        (None, True, "END OF LIFE: gets no more security fixes"),
    ],
    ids=str,
)
def test_support(end: str | None, told: str, *, ended: bool) -> None:
    assert summary.support(OsInfo(id="a", version="1", end_of_life=end, ended=ended)) == told


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words(status: Status) -> None:
    assert summary.remedy(factory.finding(status=status))


def test_remedy_is_the_version() -> None:
    assert summary.remedy(factory.finding(fixed_in="2.0")) == "2.0"


def test_impacts() -> None:
    finding = msgspec.structs.replace(REPORT.findings[0], impact=(Impact.CODE_EXECUTION, Impact.TAMPERING))
    assert summary.impacts(finding) == "code execution, tampering"


def test_gravest_impact() -> None:
    shown = [summary.gravest_impact(one) for one in REPORT.findings[:3]]
    assert shown == ["code execution +1", "information leak", ""]


@pytest.mark.parametrize(
    ("epss", "shown"),
    [
        (None, ""),
        (0.0, "<0.1%"),
        (0.00099, "<0.1%"),
        (0.001, "0.1%"),
        (0.0123, "1.2%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.105, "10%"),
        (0.9432, "94%"),
        (0.9999, "100%"),
        (1.0, "100%"),
    ],
)
def test_probability(epss: float | None, shown: str) -> None:
    assert summary.probability(epss) == shown


@pytest.mark.parametrize(
    ("changes", "unjudged"),
    [
        ({}, False),
        ({"unmatched": ("npm",)}, True),
        ({"skipped": (Skipped("advisories", "a", "this version cannot be compared"),)}, True),
        ({"skipped": (Skipped("advisories/system", "a", "there are no advisories for it"),)}, True),
        ({"skipped": (Skipped("os/rpm", "a", "broken"),)}, True),
        ({"skipped": (Skipped("node/package", "a", "broken"),)}, False),
    ],
)
def test_packages_that_were_not_judged_are_not_called_free_of_flaws(
    changes: dict[str, object],
    unjudged: bool,  # noqa: FBT001 -- a table's column
) -> None:
    report = msgspec.structs.replace(REPORT, **{"findings": (), "unmatched": (), "skipped": (), **changes})
    assert summary.unjudged(report) is unjudged
    assert ("not all could be" in verdict(report)[0][0]) is unjudged
