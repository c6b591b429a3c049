"""The number that findings are ordered by: 0 to 100.

    s = 10 x CVSS base score; without one: critical 95, high 80, medium 55, low 25, negligible 5,
        unknown 40 (what nobody has rated is not thereby harmless)
    p = square root of the EPSS probability; unknown EPSS counts as 0.01, a common value
    risk = 90 + s / 10                    if CISA lists it as exploited (KEV)
    risk = 0.9 x s x (0.5 + 0.5 x p)      otherwise

So what is exploited stands above all that is not; among the rest a grave flaw that nobody
exploits weighs half as much as one that everybody does. Rounded to two decimals.
"""

from __future__ import annotations

from math import sqrt

from lading.model.severity import Severity

_WEIGHTS = {
    Severity.CRITICAL: 95.0,
    Severity.HIGH: 80.0,
    Severity.MEDIUM: 55.0,
    Severity.UNKNOWN: 40.0,
    Severity.LOW: 25.0,
    Severity.NEGLIGIBLE: 5.0,
}
_COMMON_EPSS = 0.01


def risk(severity: Severity, score: float | None, epss: float | None, *, kev: bool) -> float:
    """Return the risk, 0 to 100. score: CVSS base score, 0 to 10. epss: 0 to 1. None: unknown."""
    weight = _WEIGHTS[severity] if score is None else 10 * score
    if kev:
        return round(90 + weight / 10, 2)
    likelihood = sqrt(_COMMON_EPSS if epss is None else epss)
    return round(0.9 * weight * (0.5 + 0.5 * likelihood), 2)
