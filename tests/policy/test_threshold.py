from __future__ import annotations

import msgspec
import pytest

from lading.model.finding import Finding, PackageRef, Suppression
from lading.model.severity import Severity
from lading.policy.threshold import exceeds


def finding(severity: Severity, fixed_in: str | None = None) -> Finding:
    package = PackageRef(name="x", version="1", purl="pkg:deb/x@1", type="deb")
    return Finding(id="CVE-1", package=package, severity=severity, fixed_in=fixed_in)


MEDIUM = finding(severity=Severity.MEDIUM)
HIGH_FIXED = finding(severity=Severity.HIGH, fixed_in="2")
UNKNOWN = finding(severity=Severity.UNKNOWN)
ASIDE = msgspec.structs.replace(HIGH_FIXED, suppression=Suppression(source="f"))


@pytest.mark.parametrize(
    ("findings", "fail_on", "only_fixed", "closed"),
    [
        pytest.param([], Severity.UNKNOWN, False, False, id="none"),
        pytest.param([MEDIUM], Severity.MEDIUM, False, True, id="at"),
        pytest.param([MEDIUM], Severity.HIGH, False, False, id="below"),
        pytest.param([MEDIUM, HIGH_FIXED], Severity.HIGH, False, True, id="second"),
        pytest.param([MEDIUM], Severity.LOW, True, False, id="no-fix"),
        pytest.param([HIGH_FIXED], Severity.LOW, True, True, id="fix"),
        pytest.param([ASIDE], Severity.LOW, False, False, id="set-aside"),
        pytest.param([UNKNOWN], Severity.NEGLIGIBLE, False, False, id="unknown"),
        pytest.param([UNKNOWN], Severity.UNKNOWN, False, True, id="unknown-asked-for"),
    ],
)
def test_exceeds(findings: list[Finding], fail_on: Severity, *, only_fixed: bool, closed: bool) -> None:
    assert exceeds(findings, fail_on, only_fixed=only_fixed) is closed
