"""CISA's catalogue of known exploited vulnerabilities, in JSON.

https://www.cisa.gov/known-exploited-vulnerabilities-catalog
"""

from __future__ import annotations

import msgspec

from lading.advisories.flaws import is_cve
from lading.errors import MalformedError

MAX_BYTES = 64 * 2**20


class _Vulnerability(msgspec.Struct, frozen=True):
    cveID: str = ""  # noqa: N815 -- the catalogue's own name


class _Catalogue(msgspec.Struct, frozen=True):
    vulnerabilities: list[_Vulnerability]
    dateReleased: str = ""  # noqa: N815 -- the catalogue's own name


def parse(data: bytes, where: str = "") -> tuple[list[tuple[str, float]], str]:
    """Return (CVE, 1.0) for what is listed, and when the catalogue was released (RFC 3339).

    Raises `MalformedError` for what is not the catalogue, or lists nothing.
    """
    try:
        catalogue = msgspec.json.decode(data, type=_Catalogue)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"not a catalogue of exploited vulnerabilities: {error}", where) from error
    listed = sorted({one.cveID for one in catalogue.vulnerabilities if is_cve(one.cveID)})
    if not listed:
        raise MalformedError("a catalogue of exploited vulnerabilities that lists none", where)
    return [(cve, 1.0) for cve in listed], catalogue.dateReleased
