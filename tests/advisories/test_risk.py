from __future__ import annotations

import pytest

from lading.advisories.risk import risk
from lading.model.severity import Severity


@pytest.mark.parametrize(
    ("severity", "score", "epss", "kev", "expected"),
    [
        pytest.param(Severity.CRITICAL, 10.0, 1.0, True, 100.0, id="the-worst"),
        pytest.param(Severity.UNKNOWN, None, None, True, 94.0, id="exploited-and-not-rated"),
        pytest.param(Severity.LOW, 0.1, None, True, 90.1, id="exploited-and-low"),
        pytest.param(Severity.CRITICAL, 10.0, 1.0, False, 90.0, id="as-bad-as-it-gets-without-exploits"),
        pytest.param(Severity.CRITICAL, 10.0, 0.0, False, 45.0, id="nobody-will"),
        pytest.param(Severity.CRITICAL, 9.8, 0.25, False, 66.15, id="by-score"),
        pytest.param(Severity.HIGH, None, None, False, 39.6, id="by-word"),
        pytest.param(Severity.HIGH, None, 0.01, False, 39.6, id="unknown-epss-is-one-percent"),
        pytest.param(Severity.NEGLIGIBLE, 0.0, 1.0, False, 0.0, id="nothing"),
    ],
)
def test_risk(
    severity: Severity, score: float | None, epss: float | None, *, kev: bool, expected: float
) -> None:
    assert risk(severity, score, epss, kev=kev) == expected


def test_words_rise() -> None:
    order = [
        Severity.NEGLIGIBLE,
        Severity.LOW,
        Severity.UNKNOWN,
        Severity.MEDIUM,
        Severity.HIGH,
        Severity.CRITICAL,
    ]
    risks = [risk(severity, None, None, kev=False) for severity in order]
    assert risks == sorted(set(risks))
