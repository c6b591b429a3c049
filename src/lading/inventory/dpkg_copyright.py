"""Licences of Debian packages, from `/usr/share/doc/PACKAGE/copyright`.

Two in three of these files are machine-readable: paragraphs with a `License` field, whose first line is
a short name or an expression of them. Those of the `Files` paragraphs and of the header count; a
paragraph of its own only gives a licence's text. The other files are prose, and tell us what they
refer to in `/usr/share/common-licenses`.
Specification: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lading.model.fact import Licenses
from lading.oci.reader import MIB, FileReader, TreeFile

_HEAD_CHARS = 4096
_MAX_NAMES = 200
_MAX_CHARS = 200
_MAX_FIELDS = 2_000
# How far above its licence the first line of a paragraph is looked for.
_MAX_PARAGRAPH_CHARS = 128 * 1024
_LICENSE = re.compile(r"\n(?i:License)[ \t]*:[ \t]*([^\n]*)")
_FORMAT = re.compile(r"(?im)^Format(?:-Specification)?[ \t]*:")
_COMMON = re.compile(r"common-licenses/([A-Za-z][A-Za-z0-9.+-]{1,40})")
_GNU = re.compile(r"(A?GPL|LGPL|GFDL)-?v?([1-3])(?:\.([0-3]))?(\+?)", re.IGNORECASE)
# Short names of the specification, and others in use, that SPDX spells differently; in lower case.
_SPDX = {
    "apache-1.1": "Apache-1.1", "apache-2": "Apache-2.0", "apache-2.0": "Apache-2.0",
    "artistic-2.0": "Artistic-2.0", "artistic-2": "Artistic-2.0", "boost-1.0": "BSL-1.0", "bsl-1.0": "BSL-1.0",
    "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause", "bsd-4-clause": "BSD-4-Clause",
    "bsd-2-clauses": "BSD-2-Clause", "bsd-3-clauses": "BSD-3-Clause", "0bsd": "0BSD",
    "cc0": "CC0-1.0", "cc0-1.0": "CC0-1.0", "cddl-1.0": "CDDL-1.0", "curl": "curl", "expat": "MIT", "mit": "MIT",
    "ftl": "FTL", "ijg": "IJG", "isc": "ISC", "mpl-1.1": "MPL-1.1", "mpl-2": "MPL-2.0", "mpl-2.0": "MPL-2.0",
    "ofl-1.1": "OFL-1.1", "openssl": "OpenSSL", "psf-2": "PSF-2.0", "python-2.0": "Python-2.0", "unlicense": "Unlicense",
    "wtfpl": "WTFPL", "wtfpl-2": "WTFPL", "x11": "X11", "zlib": "Zlib",
}  # fmt: skip
_WORDS = {"and": "AND", "or": "OR"}


def read(file: TreeFile) -> Iterator[Licenses]:
    """Yield one `Licenses` fact, if the file names any: each licence once, in the order found.

    owner: name of the binary package, the directory's. names: SPDX expressions where every part has
    an SPDX identifier, otherwise as found.
    """
    text = file.open().read().decode("utf-8", "replace")
    found = _machine_readable(text) if _FORMAT.search(text[:_HEAD_CHARS]) else ()
    names = list(dict.fromkeys(found or (name.rstrip(".-+") for name in _COMMON.findall(text))))
    if names:
        yield Licenses("deb", file.path.split("/")[-2], tuple(names[:_MAX_NAMES]))


def _machine_readable(text: str) -> list[str]:
    stated: dict[str, None] = {}
    described: dict[str, None] = {}
    for match in islice(_LICENSE.finditer(text), _MAX_FIELDS):
        name = match[1][:_MAX_CHARS].rstrip()
        # Most licences come dozens of times.
        if name and name not in stated:
            (stated if _has_files(text, match.start()) else described)[name] = None
    return [spdx(" ".join(name.split())) for name in stated or described]


def _has_files(text: str, end: int) -> bool:
    """Tell whether the paragraph of the field at `end` speaks of files, or is the header."""
    floor = max(0, end - _MAX_PARAGRAPH_CHARS)
    start = text.rfind("\n\n", floor, end + 1)
    above = text[max(start, floor) : end].lstrip("\n").lower()
    return above.startswith(("files", "format")) or "\nfiles" in above or "\nformat" in above


def spdx(expression: str) -> str:
    """Return a copyright file's licence expression in SPDX's terms, or as it is if SPDX lacks any part.

    `GPL-2+ or Expat` becomes `GPL-2.0-or-later OR MIT`. Commas, which bind in a way that SPDX needs
    parentheses for, and exceptions are left alone.
    """
    parts = [_part(word) for word in expression.split()]
    return " ".join(parts) if all(parts) and _alternates(parts) else expression


def _part(word: str) -> str:
    lower = word.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    gnu = _GNU.fullmatch(word)
    if not gnu:
        return _SPDX.get(lower, "")
    family, major, minor, plus = gnu.groups()
    return f"{family.upper()}-{major}.{minor or 0}-{'or-later' if plus else 'only'}"


def _alternates(parts: Iterable[str]) -> bool:
    """Licence, word, licence, word ... licence."""
    words = [part in {"AND", "OR"} for part in parts]
    return len(words) % 2 == 1 and all(word == (at % 2 == 1) for at, word in enumerate(words))


DPKG_COPYRIGHT = FileReader(
    name="os/dpkg-copyright",
    paths=("usr/share/doc/*/copyright",),
    read=read,
    max_bytes=16 * MIB,
)
