"""What a finding is known by although lines above it come and go: its code and the lines that it is about."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from lading.dockerfile.source import Source
from lading.lint.finding import Finding

# Of a line of ten megabytes the first part says enough.
_MAX_CHARACTERS = 10_000


def marks(findings: Iterable[Finding], source: Source) -> list[str]:
    """Return for each finding, in order, a text in hexadecimal digits that no other one of the file has.

    Of several with the same code about the same text the first is the first again, as long as they keep their order.
    """
    seen: Counter[str] = Counter()
    found = []
    for one in findings:
        about = f"{one.code}\0{_lines(one, source)}"
        seen[about] += 1
        whole = f"{about}\0{seen[about]}".encode("utf-8", "surrogatepass")
        found.append(hashlib.sha256(whole).hexdigest()[:32])
    return found


def _lines(finding: Finding, source: Source) -> str:
    """Return the line in which the place of a finding begins, white space as if it were indented otherwise."""
    start = source.starts[finding.start.line - 1]
    end = source.text.find("\n", start, start + _MAX_CHARACTERS)
    return " ".join(source.text[start : end if end >= 0 else start + _MAX_CHARACTERS].split())
