"""How bad, what an attacker gains, and what can be done: the three scales of a finding."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Qualitative severity, as CVSS names it; `negligible` is Debian's and Ubuntu's.

    Ordered from `UNKNOWN` (nobody has said) up to `CRITICAL`; compare members with `<`.
    """

    UNKNOWN = "unknown"
    NEGLIGIBLE = "negligible"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    def __lt__(self, other: str) -> bool:
        return _RANK[self] < _RANK[Severity(other)]

    def __le__(self, other: str) -> bool:
        return _RANK[self] <= _RANK[Severity(other)]

    def __gt__(self, other: str) -> bool:
        return _RANK[self] > _RANK[Severity(other)]

    def __ge__(self, other: str) -> bool:
        return _RANK[self] >= _RANK[Severity(other)]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Impact(StrEnum):
    """What an attacker gains; the rules are in `advisories.impact`. Gravest first."""

    CODE_EXECUTION = "code-execution"
    PRIVILEGE_ESCALATION = "privilege-escalation"
    INFORMATION_LEAK = "information-leak"
    TAMPERING = "tampering"
    DENIAL_OF_SERVICE = "denial-of-service"


class Status(StrEnum):
    """What the package's supplier says of a vulnerability."""

    FIXED = "fixed"  # a version without it exists
    AFFECTED = "affected"  # none yet
    WILL_NOT_FIX = "will-not-fix"  # the supplier has said that there will be none
    END_OF_LIFE = "end-of-life"  # the release gets no more fixes
