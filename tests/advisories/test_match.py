from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

import needs
from advisories import bulk, installed, slow_oracle
from advisories.looking import Look, deb, rpm
from lading.advisories.build import catalogue
from lading.advisories.match import findings
from lading.advisories.meta import EPSS, KEV, Meta
from lading.advisories.store import open_stores
from lading.model.fact import Skipped
from lading.model.finding import Finding, PackageRef
from lading.model.package import Package
from lading.model.severity import Impact, Severity, Status

RCE = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
DOS = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}
A, B, C = "CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"


def test_a_finding_whole(look: Look, tmp_path: Path) -> None:
    catalogue(tmp_path, [(A, 1.0)], Meta(ecosystem=KEV, records=1))
    catalogue(tmp_path, [(A, 0.25)], Meta(ecosystem=EPSS, records=1))
    ghsa = bulk.record(
        "GHSA-x", "PyPI", "Some_Pkg", *bulk.span("0", "2.0"), aliases=[A], summary="Bad", severity=[RCE], published="2024-02",
        references=[{"type": "ADVISORY", "url": "https://a.example"}], database_specific={"cwe_ids": ["CWE-502"]},
    )  # fmt: skip
    pysec = bulk.record(
        "PYSEC-1", "PyPI", "some-pkg", *bulk.span("0", "1.5"), aliases=[A, "GHSA-x"], published="2024-01"
    )
    package = bulk.package("some.pkg", "1.0", purl="pkg:pypi/some-pkg@1.0", layer="sha256:0a")
    assert look([ghsa, pysec], package) == [
        Finding(
            id=A,
            aliases=("GHSA-x", "PYSEC-1"),
            package=PackageRef(
                name="some.pkg", version="1.0", purl="pkg:pypi/some-pkg@1.0", type="pypi", path="a/place"
            ),
            fixed_in="2.0",
            severity=Severity.CRITICAL,
            cvss_score=9.8,
            cvss_vector=RCE["score"],
            impact=(
                Impact.CODE_EXECUTION,
                Impact.INFORMATION_LEAK,
                Impact.TAMPERING,
                Impact.DENIAL_OF_SERVICE,
            ),
            kev=True,
            epss=0.25,
            status=Status.FIXED,
            risk=99.8,
            layer="sha256:0a",
            summary="Bad",
            cwes=("CWE-502",),
            references=("https://a.example",),
            sources=("GHSA-x", "PYSEC-1"),
            published="2024-01",
        )
    ]


@pytest.mark.parametrize(
    ("events", "version", "fixed_in"),
    [
        pytest.param(bulk.span("1.0", "2.0"), "0.9", "-", id="before"),
        pytest.param(bulk.span("1.0", "2.0"), "1.0", "2.0", id="first"),
        pytest.param(bulk.span("1.0", "2.0"), "1.0rc1", "-", id="pre-release-of-the-first"),
        pytest.param(bulk.span("1.0", "2.0"), "2.0rc1", "2.0", id="pre-release-of-the-fix"),
        pytest.param(bulk.span("1.0", "2.0"), "2.0", "-", id="fixed"),
        pytest.param([{"introduced": "0"}, {"last_affected": "1.2"}], "1.2", None, id="last-affected"),
        pytest.param([{"introduced": "0"}, {"last_affected": "1.2"}], "1.2.post1", "-", id="past-the-last"),
        pytest.param([{"introduced": "0"}, {"limit": "1.2"}], "1.1", None, id="below-the-limit"),
        pytest.param([{"introduced": "0"}, {"limit": "1.2"}], "1.2", "-", id="at-the-limit"),
        pytest.param([*bulk.span("0", "1.2"), *bulk.span("2.0", "2.3")], "2.1", "2.3", id="nearest-above"),
        pytest.param([*bulk.span("0", "1.2"), *bulk.span("2.0", "2.3")], "1.1", "1.2", id="nearest-above-below"),
        pytest.param([*bulk.span("0", "1.2"), *bulk.span("2.0", "2.3")], "1.2", "-", id="between"),
    ],
)  # fmt: skip
def test_ranges(look: Look, events: list[dict[str, str]], version: str, fixed_in: str | None) -> None:
    found = look([bulk.record("X-1", "PyPI", "a", *events)], bulk.package("a", version))
    assert [one.fixed_in for one in found] == ([] if fixed_in == "-" else [fixed_in])


def several(*spans: tuple[str, str]) -> bulk.Json:
    record = bulk.record("X-1", "PyPI", "a")
    record["affected"] = [bulk.record("", "PyPI", "a", *bulk.span(*span))["affected"][0] for span in spans]
    return record


@pytest.mark.parametrize(
    ("spans", "version", "fixed_in"),
    [
        pytest.param([("0", "1.0"), ("0", "2.0")], "0.5", "2.0", id="the-first-fix-is-affected-still"),
        pytest.param([("0", "1.0"), ("1.0", "1.5")], "0.5", "1.5", id="the-next-range-begins-at-the-fix"),
        pytest.param([("0", "1.0"), ("3.0", "3.5")], "0.5", "1.0", id="apart"),
        pytest.param([("0", "1.0"), ("0.9", "9")], "0.5", "9", id="overlapping"),
    ],
)
def test_the_fix_is_affected_by_nothing_else(
    look: Look, spans: list[tuple[str, str]], version: str, fixed_in: str
) -> None:
    (found,) = look([several(*spans)], bulk.package("a", version))
    assert found.fixed_in == fixed_in


def test_names_and_releases(look: Look) -> None:
    records = [
        bulk.record("DEBIAN-" + A, "Debian:12", "openssl", *bulk.span("0", "3.0.2-1"), upstream=[A]),
        bulk.record("DEBIAN-" + B, "Debian:11", "openssl", upstream=[B]),
        bulk.record("DEBIAN-" + C, "Debian:12", "libssl3", upstream=[C]),
    ]
    packages = [
        deb("libssl3", "3.0.1-1+b1", "openssl", "3.0.1-1"),
        deb("openssl", "3.0.1-1", "openssl", "3.0.1-1"),
        deb("openssl", "3.0.2-1"),
        deb("openssl", "3.0.1-1", ecosystem="Debian:13"),
        deb("openssl", "3.0.1-1", ecosystem=""),
        deb("OpenSSL", "3.0.1-1"),
    ]
    found = look(records, *packages)
    assert [(one.id, one.package.name, one.package.source_name, one.fixed_in) for one in found] == [
        (A, "libssl3", "openssl", "3.0.2-1"),
        (A, "openssl", "", "3.0.2-1"),
    ]


def test_long_support_is_no_other_release(look: Look) -> None:
    records = [bulk.record("UBUNTU-" + A, "Ubuntu:22.04:LTS", "a", upstream=[A])]
    for ecosystem in ("Ubuntu:22.04:LTS", "Ubuntu:22.04"):
        assert [one.id for one in look(records, deb("a", "1", ecosystem=ecosystem))] == [A]


def test_a_package_that_does_not_say_what_it_is_built_from(look: Look) -> None:
    """As those of chisel, or of a bill of materials: Ubuntu's records name the binaries, for each release."""
    record = bulk.record("UBUNTU-" + A, "Ubuntu:24.04:LTS", "openssl", *bulk.span("0", "3.0.13-0ubuntu3.6"))
    other = bulk.record("UBUNTU-" + B, "Ubuntu:22.04:LTS", "old-openssl", upstream=[B])
    for one in (record, other):
        one["affected"][0]["ecosystem_specific"] = {
            "binaries": [{"binary_name": "libssl3", "binary_version": "1"}, {"binary_name": 3}, "x"]
        }
    record["upstream"] = [A]

    def found(version: str, release: str, name: str = "libssl3") -> list[tuple[str, str, str]]:
        package = deb(name, version, ecosystem=f"Ubuntu:{release}")
        return [(one.id, one.package.name, one.package.source_name) for one in look([record, other], package)]

    assert found("3.0.13-0ubuntu3.5", "24.04") == [(A, "libssl3", "openssl")]
    assert found("3.0.13-0ubuntu3.6", "24.04") == []
    assert found("1", "22.04") == [(B, "libssl3", "old-openssl")]
    assert found("1", "24.04", "openssl") == [(A, "openssl", "")]
    assert found("1", "24.04", "libssl1") == []


def test_red_hat_by_major_version(look: Look) -> None:
    fields: dict[str, Any] = {"upstream": [A]}
    records = [
        bulk.record(
            "RHSA-1", "Red Hat:enterprise_linux:9::appstream", "a", *bulk.span("0", "0:2-1.el9"), **fields
        ),
        bulk.record(
            "RHSA-2", "Red Hat:enterprise_linux:8::appstream", "a", *bulk.span("0", "0:3-1.el8"), **fields
        ),
        bulk.record(
            "RHSA-3", "Red Hat:rhel_eus:9.2::appstream", "a", *bulk.span("0", "0:9-1.el9_2"), **fields
        ),
    ]
    found = look(records, rpm("a", "1-1.el9", "Red Hat:9.4"))
    assert [(one.id, one.sources, one.fixed_in) for one in found] == [(A, ("RHSA-1",), "0:2-1.el9")]


def test_an_advisory_about_several_flaws_is_several_findings(look: Look) -> None:
    alsa = bulk.record(
        "ALSA-2024:1", "AlmaLinux:8", "a", *bulk.span("0", "2-1.el8"), related=[A, B], summary="Important: a security update",
        references=[{"type": "REPORT", "url": f"https://x.example/{cve}"} for cve in (A, B)]
        + [{"type": "ADVISORY", "url": "https://x.example/ALSA"}],
    )  # fmt: skip
    found = look(
        [alsa, bulk.record("ALBA-2024:2", "AlmaLinux:8", "a", *bulk.span("0", "3-1.el8"))],
        rpm("a", "1-1.el8"),
    )
    assert [(one.id, one.aliases, one.severity, one.fixed_in, one.references) for one in found] == [
        (A, ("ALSA-2024:1",), Severity.HIGH, "2-1.el8", ("https://x.example/ALSA", f"https://x.example/{A}")),
        (B, ("ALSA-2024:1",), Severity.HIGH, "2-1.el8", ("https://x.example/ALSA", f"https://x.example/{B}")),
    ]


def test_modules(look: Look) -> None:
    def alsa(number: int, stream: str, fix: str, cve: str) -> bulk.Json:
        summary = f"Important: {stream} security update"
        return bulk.record(
            f"ALSA-{number}", "AlmaLinux:8", "nodejs", *bulk.span("0", fix), related=[cve], summary=summary
        )

    records = [
        alsa(1, "nodejs:16", "1:16.14.0-4.module_el8.6.0+1+a", A),
        alsa(2, "nodejs:18", "1:18.20.4-1.module_el8.10.0+2+b", B),
        alsa(3, "nodejs", "1:20.0.0-1.el8", C),
    ]
    assert [one.id for one in look(records, rpm("nodejs", "1:16.1.0-1.module_el8.6.0+0+c"))] == [A]
    assert [one.id for one in look(records, rpm("nodejs", "1:18.1.0-1.module_el8.6.0+0+c"))] == [B]
    assert [one.id for one in look(records, rpm("nodejs", "1:10.0.0-1.el8"))] == [C]
    labelled = rpm("nodejs", "1:16.1.0-1.module_el8.6.0+0+c", qualifiers=(("rpmmod", "nodejs:18"),))
    assert [one.id for one in look(records, labelled)] == [B]


def test_any_build_that_has_the_fix_is_enough(look: Look) -> None:
    """As errata of AlmaLinux list them: the builds of a module for 8.3 and 8.5, and of a package before and after."""

    def listed(number: int, ecosystem: str, name: str, *fixes: str) -> bulk.Json:
        one, *more = (bulk.record(f"X-{number}", ecosystem, name, *bulk.span("0", fix)) for fix in fixes)
        one["affected"] += [other["affected"][0] for other in more]
        return {**one, "related": [f"CVE-2024-{number:04}"]}

    el8_3, el8_5 = "0.3-5.module_el8.3.0+2044+12421f43", "0.3-5.module_el8.5.0+119+9a9ec082"
    records = [
        listed(1, "AlmaLinux:8", "fuse-overlayfs", el8_5, el8_3),
        listed(2, "Rocky Linux:8", "vim-common", "2:8.0.1763-16.el8_5.12", "2:8.0.1763-16.el8_5.13"),
        # Of two streams, or of two distributions that do not do so, each has its own.
        listed(3, "AlmaLinux:8", "nodejs", "1:16.9-1.module_el8.5.0+1+a", "1:18.9-1.module_el8.5.0+1+a"),
        listed(4, "openSUSE:Leap 15.5", "vim-common", "1-1", "1-2"),
    ]
    assert look(records, rpm("fuse-overlayfs", el8_3), rpm("fuse-overlayfs", el8_5)) == []
    (found,) = look(records, rpm("fuse-overlayfs", "0.3-4.module_el8.5.0+1+a"))
    assert found.fixed_in == el8_3
    assert look(records, rpm("vim-common", "2:8.0.1763-16.el8_5.12", "Rocky Linux:8")) == []
    assert look(records, rpm("vim-common", "2:8.0.1763-16.el8_5.4", "Rocky Linux:8"))
    assert look(records, rpm("nodejs", "1:18.1-1.module_el8.5.0+1+a"))
    assert look(records, rpm("vim-common", "1-1", "openSUSE:Leap 15.5"))


@pytest.mark.parametrize(
    ("record", "installed_in", "before"),
    [
        (
            bulk.record("RHSA-2024:7553", "Red Hat:rhel_els:7", "a", *bulk.span("0", "0:1.0.35-29.el7_9.3")),
            "Red Hat:enterprise_linux:7",
            "1.0.35-29.el7",
        ),
        (
            bulk.record(
                "SUSE-SU-2026:2465-1",
                "SUSE:Linux Enterprise Server 11 SP4 LTSS EXTREME CORE",
                "a",
                *bulk.span("0", "2.11.3-17.110.55.1"),
            ),
            "SUSE:Linux Enterprise Server 11 SP4",
            "2.11.3-17.110.43.1",
        ),
    ],
    ids=["cups-filters", "glibc"],
)
def test_what_is_found_after_a_release_has_ended(
    look: Look, record: bulk.Json, installed_in: str, before: str
) -> None:
    """Only who pays gets these fixes, and everybody has the flaws."""
    fix = record["affected"][0]["ranges"][0]["events"][1]["fixed"]
    packages = [rpm("a", version, installed_in) for version in (before, fix)]
    assert [(one.package.version, one.fixed_in) for one in look([record], *packages)] == [(before, fix)]


def test_a_malicious_package_is_critical(look: Look) -> None:
    """The record is all but whole: what lists these packages gives them no severity."""
    record = {
        "id": "MAL-2025-2925",
        "modified": "2025-03-28T13:05:11Z",
        "summary": "Malicious code in 0-8 (PyPI)",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "0-8"}, "versions": ["0.0.0.1"]}],
    }
    (found,) = look([record], bulk.package("0-8", "0.0.0.1"), bulk.package("0-8", "0.0.0.2"))
    assert (found.id, found.severity, found.fixed_in) == ("MAL-2025-2925", Severity.CRITICAL, None)


def test_notices_are_about_the_flaws_that_they_name(look: Look) -> None:
    """As those of Ubuntu: USN-6702-2 has four, under Ubuntu's names for them."""
    name, release = "linux-aws-5.4", "Ubuntu:18.04:LTS"
    fix = bulk.span("0", "5.4.0-1121.131~18.04.1")
    notice = bulk.record("USN-6702-2", release, name, *fix, upstream=["UBUNTU-" + A, "UBUNTU-" + B])
    own = bulk.record("UBUNTU-" + A, release, name, *fix, upstream=[A])
    mended = bulk.record(
        "USN-6702-3", release, name, *bulk.span("0", "9"), summary="linux-aws-5.4 regression"
    )
    found = look([notice, own, mended], deb(name, "5.4.0-1120.130~18.04.1", ecosystem=release))
    assert [(one.id, one.aliases) for one in found] == [
        (A, ("UBUNTU-" + A, "USN-6702-2")),
        (B, ("USN-6702-2",)),
    ]


def test_a_registry_is_no_release(look: Look) -> None:
    """Drupal's modules come from its own: https://www.drupal.org/sa-contrib-2025-035."""
    drupal = "Packagist:https://packages.drupal.org/8"
    name = "drupal/stage_file_proxy"
    record = bulk.record(
        "DRUPAL-CONTRIB-2025-035", drupal, name, *bulk.span("0", "3.1.5"), aliases=["CVE-2025-3734"]
    )
    packages = [bulk.package(name, version, "Packagist", "composer") for version in ("3.1.4", "3.1.5")]
    assert [(one.id, one.package.version) for one in look([record], *packages)] == [
        ("CVE-2025-3734", "3.1.4")
    ]


def test_packages_that_are_passed_over(look: Look) -> None:
    record = bulk.record("X-1", "PyPI", "a")
    assert (
        look(
            [record], bulk.package("a", "1", owner="pkg:deb/debian/python3-a"), bulk.package("a", "1", "npm")
        )
        == []
    )
    assert len(look([record], bulk.package("a", "1"), bulk.package("a", "1"))) == 2, (
        "one for each installed package"
    )
    withdrawn = {**record, "withdrawn": "2024-01-01T00:00:00Z"}
    assert look([withdrawn, bulk.record("X-2", "PyPI", "b")], bulk.package("a", "1")) == []


@pytest.mark.parametrize(
    ("specific", "events", "ended", "expected"),
    [
        pytest.param({}, bulk.span("0", "2"), True, Status.FIXED, id="fixed"),
        pytest.param(
            {"status": "fix-not-planned"}, bulk.span("0", "2"), False, Status.FIXED, id="fixed-all-the-same"
        ),
        pytest.param(
            {"status": "fix-not-planned"}, [{"introduced": "0"}], True, Status.WILL_NOT_FIX, id="will-not"
        ),
        pytest.param(
            {"urgency": "end-of-life"}, [{"introduced": "0"}], False, Status.END_OF_LIFE, id="in-its-words"
        ),
        pytest.param({}, [{"introduced": "0"}], True, Status.END_OF_LIFE, id="ended"),
        pytest.param({}, [{"introduced": "0"}], False, Status.AFFECTED, id="affected"),
    ],
)
def test_status(
    look: Look, specific: bulk.Json, events: list[dict[str, str]], *, ended: bool, expected: Status
) -> None:
    record = bulk.record("DEBIAN-" + A, "Debian:12", "a", *events, upstream=[A], database_specific=specific)
    (found,) = look([record], deb("a", "1"), ended=ended)
    assert found.status is expected


def test_the_end_of_the_system_is_not_that_of_a_language(look: Look) -> None:
    (found,) = look([bulk.record("X-1", "PyPI", "a")], bulk.package("a", "1"), ended=True)
    assert found.status is Status.AFFECTED


def test_severity_is_borrowed_where_the_own_records_have_none(look: Look) -> None:
    records = [
        bulk.record("DEBIAN-" + A, "Debian:12", "a", upstream=[A]),
        bulk.record("DEBIAN-" + B, "Debian:12", "a", upstream=[B]),
        bulk.record("GHSA-x", "PyPI", "other", aliases=[A], severity=[DOS], summary="Slow", database_specific={"cwe_ids": ["CWE-400"]}),
        bulk.record("GHSA-y", "PyPI", "other", aliases=[B], severity=[RCE], withdrawn="2024-01-01T00:00:00Z"),
    ]  # fmt: skip
    found = {one.id: one for one in look(records, deb("a", "1"))}
    assert (found[A].severity, found[A].cvss_score, found[A].impact, found[A].summary, found[A].cwes) == (
        Severity.HIGH, 7.5, (Impact.DENIAL_OF_SERVICE,), "Slow", ("CWE-400",),
    )  # fmt: skip
    assert found[A].sources == ("DEBIAN-" + A,)
    assert (found[B].severity, found[B].impact) == (Severity.UNKNOWN, ())


def test_the_own_word_comes_before_a_borrowed_vector(look: Look) -> None:
    record = bulk.record("DEBIAN-" + A, "Debian:12", "a", upstream=[A])
    record["affected"][0]["ecosystem_specific"] = {"urgency": "unimportant"}
    found = look([record, bulk.record("GHSA-x", "PyPI", "o", aliases=[A], severity=[RCE])], deb("a", "1"))
    assert [(one.severity, one.cvss_score) for one in found] == [(Severity.NEGLIGIBLE, None)]


def test_what_is_said_of_the_package_comes_first(look: Look) -> None:
    record = bulk.record(
        "USN-1", "Ubuntu:22.04:LTS", "a", upstream=[A], severity=[{"type": "Ubuntu", "score": "high"}]
    )
    record["affected"][0]["severity"] = [{"type": "Ubuntu", "score": "low"}]
    (found,) = look([record], deb("a", "1", ecosystem="Ubuntu:22.04"))
    assert found.severity is Severity.LOW


def test_order_by_risk_then_id_then_package(look: Look, tmp_path: Path) -> None:
    catalogue(tmp_path, [(C, 1.0)], Meta(ecosystem=KEV, records=1))
    records = [
        bulk.record("X-1", "PyPI", "a", aliases=[B], severity=[RCE]),
        bulk.record("X-2", "PyPI", "a", aliases=[A], severity=[RCE]),
        bulk.record("X-3", "PyPI", "a", aliases=[C], severity=[DOS]),
        bulk.record("X-4", "PyPI", "b", aliases=[A], severity=[RCE]),
    ]
    found = look(records, bulk.package("b", "1"), bulk.package("a", "2"), bulk.package("a", "1"))
    assert [(one.id, one.package.name, one.package.version) for one in found] == [
        (C, "a", "1"), (C, "a", "2"), (A, "a", "1"), (A, "a", "2"), (A, "b", "1"), (B, "a", "1"), (B, "a", "2"),
    ]  # fmt: skip


def test_a_version_that_cannot_be_read(look: Look) -> None:
    skipped: list[Skipped] = []
    listed = bulk.record("X-1", "PyPI", "a")
    listed["affected"][0] = {"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["2004d", "1.0"]}
    other = bulk.record("X-2", "PyPI", "a", *bulk.span("0", "1.0"))
    found = look([listed, other], bulk.package("a", "2004d", layer="sha256:0a"), skipped=skipped)
    assert [one.id for one in found] == ["X-1"]
    assert skipped == [
        Skipped(
            "advisories",
            "a/place",
            "a 2004d: this version cannot be compared: 2 advisories not judged",
            "sha256:0a",
        )
    ]
    assert look([listed, other], bulk.package("b", "2004d")) == [], "without advisories nothing is lost"
    assert [one.id for one in look([listed, other], bulk.package("a", "2004e"), skipped=skipped)] == []
    assert look([listed, other], bulk.package("a", "2.0")) == []


def test_an_advisory_that_cannot_be_read(look: Look) -> None:
    skipped: list[Skipped] = []
    record = bulk.record("X-1", "PyPI", "a", {"introduced": "2004d"}, {"last_affected": "2005b"})
    assert look([record], bulk.package("a", "1.0"), skipped=skipped) == []
    assert [one.reason for one in skipped] == ["a 1.0: X-1 names a version that cannot be read"]
    assert [one.id for one in look([record], bulk.package("a", "2005b"), skipped=skipped)] == ["X-1"]


def test_go(look: Look) -> None:
    std = bulk.record(
        "GO-1", "Go", "stdlib", *bulk.span("0", "1.20.8"), *bulk.span("1.21.0-0", "1.21.1"), aliases=[A]
    )
    module = bulk.record("GO-2", "Go", "github.com/a/b", *bulk.span("0", "1.2.0"), aliases=[B])
    packages = [
        bulk.package("stdlib", "go1.21rc2", "Go", "golang"),
        bulk.package("stdlib", "1.20.8", "Go", "golang"),
        bulk.package("github.com/a/b", "v1.1.9", "Go", "golang"),
        bulk.package("github.com/a/b/v2", "v1.1.9", "Go", "golang"),
        bulk.package("github.com/a/b", "v0.0.0-20200101000000-abcdef012345", "Go", "golang"),
    ]
    found = {(one.id, one.package.version, one.fixed_in) for one in look([std, module], *packages)}
    assert found == {
        (A, "go1.21rc2", "1.21.1"),
        (B, "v1.1.9", "1.2.0"),
        (B, "v0.0.0-20200101000000-abcdef012345", "1.2.0"),
    }


VERSIONS = ["0.1", "1.0a1", "1.0", "1.0.post1", "1.5", "2.0rc1", "2.0", "3"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(VERSIONS), st.sampled_from(VERSIONS)), min_size=1, max_size=4),
    st.lists(st.sampled_from(VERSIONS), max_size=2),
)
def test_against_plain_comparison(look: Look, spans: list[tuple[str, str]], listed: list[str]) -> None:
    record = several(*((min(span, key=Version), max(span, key=Version)) for span in spans))
    record["affected"][0]["versions"] = listed
    found = {
        one.package.version: one.fixed_in
        for one in look(
            [record, bulk.record("X-9", "PyPI", "z")], *(bulk.package("a", version) for version in VERSIONS)
        )
    }

    def affected(version: str) -> bool:
        inside = any(
            Version(low) <= Version(version) < Version(high)
            for low, high in (sorted(span, key=Version) for span in spans)
        )
        return inside or version in listed

    assert found.keys() == {version for version in VERSIONS if affected(version)}
    # a range from a version to itself holds nothing, and so fixes nothing
    fixes = sorted({max(span, key=Version) for span in spans if len(set(span)) > 1}, key=Version)
    for version, fixed_in in found.items():
        closing = [fix for fix in fixes if Version(fix) > Version(version) and not affected(fix)]
        if closing:
            assert fixed_in == closing[0]
        else:
            assert fixed_in is None


@pytest.fixture(scope="module")
def mirror_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("data")
    families = ("AlmaLinux", "Alpine", "Debian", "Go", "PyPI", "Wolfi", "crates.io", "npm")
    bulk.run(needs.mirror() / "osv", data_dir, *families)
    return data_dir


@pytest.fixture(scope="module")
def apk(tmp_path_factory: pytest.TempPathFactory) -> slow_oracle.Compare:
    """Return the comparison of the real apk, out of a real Alpine image."""
    root = tmp_path_factory.mktemp("alpine")
    for layer in installed.layers(needs.images() / "alpine-310.tar.gz"):
        layer.extractall(root, filter=tarfile.tar_filter)
    loader = next((root / "lib").glob("ld-musl-*.so.1"))

    @cache
    def compare(one: str, other: str) -> int:
        command: list[str | Path] = [loader, "--library-path", root / "lib", root / "sbin" / "apk"]
        done = subprocess.run(
            [*command, "version", "-t", one, other], capture_output=True, text=True, check=True
        )
        return "<=>".index(done.stdout.strip()) - 1

    return compare


def agree(packages: list[Package], data_dir: Path, apk: slow_oracle.Compare | None = None) -> list[Finding]:
    """Compare with the oracle, and return what was found."""
    with open_stores(data_dir, {package.ecosystem for package in packages}) as stores:
        matches = findings(packages, stores)
    assert matches.skipped == []
    found = [(one.package.name, one.package.version, one.id) for one in matches.findings]
    assert set(found) == slow_oracle.expected(packages, needs.mirror(), apk)
    return matches.findings


@needs.tool("dpkg")
@pytest.mark.big
@pytest.mark.parametrize("image", ["old.tar", "web.tar"])
def test_exactly_what_the_mirror_says_of_a_big_image(image: str, mirror_data: Path) -> None:
    assert len(agree(installed.packages(needs.big_images() / image), mirror_data)) > 20


@pytest.mark.parametrize("image", ["alpine-310.tar.gz", "alpine-311.tar.gz"])
def test_exactly_what_the_mirror_says_of_alpine(
    image: str, mirror_data: Path, apk: slow_oracle.Compare
) -> None:
    packages = installed.packages(needs.images() / image)
    assert len(packages) == 14
    agree(packages, mirror_data, apk)
    old = [_aged(package) for package in packages]
    assert len(agree(old, mirror_data, apk)) > 20


def _aged(package: Package) -> Package:
    """Return the package as if it had been forgotten for years."""
    return Package(
        type=package.type,
        name=package.name,
        version="1.0.0-r0",
        ecosystem=package.ecosystem,
        source_name=package.source_name,
    )


def _samples(family: str, count: int) -> Iterator[tuple[str, str]]:
    """Yield names and versions that the mirror itself speaks of, evenly over its records."""
    records = slow_oracle.records(needs.mirror(), family)
    places = sorted(records)
    for place in places[:: max(1, len(places) // count)]:
        for record in records[place][:3]:
            for one in record["affected"][0].get("ranges", []):
                for event in one["events"] if one["type"] != "GIT" else ():
                    version = next(iter(event.values()))
                    yield place[1], "0.0.1" if version == "0" else version


@pytest.mark.parametrize(
    ("family", "kind"), [("PyPI", "pypi"), ("npm", "npm"), ("Go", "golang"), ("crates.io", "cargo")]
)
def test_exactly_what_the_mirror_says_of_its_own_versions(family: str, kind: str, mirror_data: Path) -> None:
    packages = [bulk.package(name, version, family, kind) for name, version in _samples(family, 120)]
    assert len(agree(packages, mirror_data)) > 100


@needs.tool("dpkg")
def test_exactly_what_the_mirror_says_of_debian(mirror_data: Path) -> None:
    names = ["bash", "curl", "nginx", "openssl", "systemd"]
    packages = [
        deb(name, version, name, version, ecosystem)
        for name in names
        for version in ("1:1.0-1", "2.36-9+deb12u3", "7.88.1-10+deb12u4", "0~1")
        for ecosystem in ("Debian:11", "Debian:12", "Debian:13")
    ]
    assert len(agree(packages, mirror_data)) > 500


@needs.tool("rpm")
def test_exactly_what_the_mirror_says_of_almalinux(mirror_data: Path) -> None:
    packages = [
        rpm(name, version, f"AlmaLinux:{release}")
        for name in ("bind-libs", "curl", "nodejs", "openssl-libs", "python3-libs", "sudo")
        for release, version in (("8", "1:1.1.1k-5.el8_5"), ("9", "7.76.1-26.el9"), ("10", "3.9.18-1.el10"))
    ]
    assert len(agree(packages, mirror_data)) > 100


def test_exactly_what_the_mirror_says_of_wolfi(mirror_data: Path, apk: slow_oracle.Compare) -> None:
    packages = [bulk.package(name, version, "Wolfi", "apk") for name, version in _samples("Wolfi", 15)]
    assert len(agree(packages, mirror_data, apk)) > 10
