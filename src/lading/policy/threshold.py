"""Whether findings close the gate."""

from __future__ import annotations

from collections.abc import Iterable

from lading.model.finding import Finding
from lading.model.severity import Severity


def exceeds(findings: Iterable[Finding], fail_on: Severity, *, only_fixed: bool = False) -> bool:
    """True if any finding that is not set aside is of `fail_on` or graver.

    only_fixed: look only at findings that a newer version would close.
    """
    return any(
        finding.severity >= fail_on
        for finding in findings
        if finding.suppression is None and (finding.fixed_in is not None or not only_fixed)
    )
