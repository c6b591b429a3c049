"""Versions of CentOS beside those of Red Hat, whose sources it built again and whose advisories hold for it.

What Red Hat builds for a point release (`4.2.5-68.el7_5.1`) is `4.2.5-68.el7.centos.1` there, or `1.5.4-2.el7` for
`1.5.4-2.el7_9`, and a module's build has another number. By these marks alone every such package would lack the fix
that it is.
"""

from __future__ import annotations

import re

from lading.model.package import Package

_PURL = "pkg:rpm/centos/"
_MODULE = re.compile(r"\.module[+_]el([0-9]+).*", re.ASCII)
_PLAIN = re.compile(r"\.el([0-9]+)(?:\.centos|(?!\.centos))(?=\.|$)", re.ASCII)
_POINT = re.compile(r"\.el([0-9]+)(?:_[0-9]+)?(?=\.|$)", re.ASCII)


def is_of(package: Package) -> bool:
    """Tell whether a package is one of CentOS."""
    return package.purl.startswith(_PURL)


def beside(version: str, fix: str) -> str:
    """Return a version of CentOS as it is to be compared with a fix of Red Hat: with the marks of the fix.

    One that has the mark of a point release itself is as Red Hat's own.
    """
    for own, other in ((_MODULE, _MODULE), (_PLAIN, _POINT)):
        mine, theirs = own.search(version), other.search(fix)
        if mine and theirs and mine[1] == theirs[1]:
            return version[: mine.start()] + theirs[0] + version[mine.end() :]
    return version
