"""Epochs of rpm versions, where advisories name source packages.

The name of a source rpm tells no epoch, and what is built from it may have one, or a version, of its own: of one
httpd 2.4.57 `mod_ssl` is 1:2.4.57, of one perl 4:5.26.3 `perl-Errno` is 1.28. Within a release a package keeps its
epoch, so the fix tells it. Some sources leave it out of the fix as well: Mageia's perl is 2:5.36.0, and its
advisories have 5.36.0.
"""

from __future__ import annotations

import re

# Only digits are an epoch: a fix like `virt-devel:rhel` has none.
_EPOCH = re.compile(r"[0-9]+(?=:)")


def without(version: str) -> str:
    """Return a version without its epoch: none of the same number is lower."""
    return version.rpartition(":")[2]


def beside(version: str, fix: str, *, named: bool) -> str:
    """Return a version as it is to be compared with a fix.

    fix: the version that an advisory has, or empty. named: the advisory is about the very package, so that the
    epoch of the version counts, if the fix has one at all; else that of the fix is taken.
    """
    epoch = _EPOCH.match(fix)
    if not epoch:
        return without(version)
    return version if named else f"{epoch[0]}:{without(version)}"
