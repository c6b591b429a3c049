"""Licences as SPDX writes them, from what packages say.

Packages say `MIT`, `mit`, `GPL-2+` (Debian's DEP 5), `Apache 2.0`, or a page of text. What is an SPDX
expression, or one of Debian's short names for the GNU licences, is told as such; anything else is a
name that only the package explains: `LicenseRef-...` in SPDX, a plain name in CycloneDX.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from lading.report.text import clean

# Longer or deeper expressions are taken as names: the parser below leans on Python's own.
_MAX_CHARS = 400
_MAX_DEPTH = 10
# DEP 5, 7.2: `GPL-2+`, `LGPL-2.1`, `GFDL-1.3`; SPDX writes minor numbers and says `only` or `or later`.
_DEBIAN = re.compile(r"((?:A|L)?GPL|GFDL)-(\d)(?:\.(\d))?(\+?)", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_REFERENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


@lru_cache(maxsize=4096)
def expression(text: str) -> str:
    """Return `text` as an SPDX expression in canonical form; empty if it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > _MAX_CHARS or text.count("(") > _MAX_DEPTH or not text.isascii():
        return ""
    try:
        return canonicalize_license_expression(_gnu(text.strip()))
    except InvalidLicenseExpression:
        return ""


def _gnu(text: str) -> str:
    match = _DEBIAN.fullmatch(text)
    if not match:
        return text
    name, major, minor, later = match.groups()
    return f"{name}-{major}.{minor or 0}-{'or-later' if later else 'only'}"


def is_id(canonical: str) -> bool:
    """Tell whether a canonical expression is one identifier of the SPDX licence list."""
    return " " not in canonical and not canonical.startswith("LicenseRef-") and not canonical.endswith("+")


def reference(name: str) -> str:
    """Return the `LicenseRef-` for a licence that SPDX has no name for: readable, different for each."""
    readable = _UNSAFE.sub("-", name[:40]).strip("-.")
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "-".join(part for part in ("LicenseRef-lading", readable, mark) if part)


def combined(names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return one SPDX expression for all the licences of a package, and what its references stand for.

    All apply, as far as anybody knows: they are joined with AND. Without any it is `NOASSERTION`.
    The references: `LicenseRef-...` -> the name as the package has it, printable.
    """
    parts: dict[str, None] = {}
    references: dict[str, str] = {}
    for name in names:
        if not name.strip():
            continue
        part = expression(name)
        if not part:
            part = reference(name)
            references[part] = clean(name)
        for found in _REFERENCE.findall(part):
            references.setdefault(found, f"{found} is not explained by the package")
        parts[part] = None
    if not parts:
        return "NOASSERTION", {}
    alone = len(parts) == 1
    return " AND ".join(part if alone or " " not in part else f"({part})" for part in parts), references
