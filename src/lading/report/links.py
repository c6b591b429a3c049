"""Addresses in reports: ours, made from identifiers; and foreign ones, if they are harmless."""

from __future__ import annotations

import re
from urllib.parse import quote

from lading.report.text import clean

_ID = re.compile(r"[A-Za-z][A-Za-z0-9:._-]{2,80}")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:[/?#].*)?")
_MAX_CHARS = 2000


def advisory(id_: str) -> str:
    """Return the address of the page about a vulnerability, by any of its identifiers.

    Empty for an identifier that has signs in it which no source uses.
    """
    return f"https://osv.dev/vulnerability/{quote(id_)}" if _ID.fullmatch(id_) else ""


def web(url: str) -> str:
    """Return a foreign address in ASCII, percent-encoded; empty unless it is plain `http:` or `https:`."""
    if len(url) > _MAX_CHARS or clean(url) != url or not _WEB.fullmatch(url):
        return ""
    return quote(url, safe=":/?#[]@!$&()*+,;=%-._~")
