"""Names of Python packages in normal form, in which OSV and the index spell them.

Specification: PEP 503, https://packaging.python.org/en/latest/specifications/name-normalization/
"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[-_.]+")


def normal(name: str) -> str:
    """Return `name` in lower case, each run of `-`, `_` and `.` written as one `-`."""
    return _SEPARATORS.sub("-", name).lower()
