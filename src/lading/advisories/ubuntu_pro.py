"""Ubuntu Pro: fixes for who pays, beside those of the release, in records of their own release `Pro:22.04`.

A record may list a package for the release, for Pro, or for both. Where it lists both, each is about its own line of
versions: the release's `1ubuntu1.1` sorts above Pro's fixed `1ubuntu1+esm1`, and is not fixed. Where it lists one
only, as for a release whose time is over and for much of `universe`, that is about all.
FIPS, real-time and other lines (`Pro:FIPS:22.04`) are rebuilt packages, and are never looked at for others.
https://documentation.ubuntu.com/security/security-updates/osv/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lading.advisories.ecosystem import PRO, Target, split
from lading.advisories.entry import FIXED
from lading.advisories.store import Hit, Store
from lading.model.package import Package

FAMILY = "Ubuntu"
_VERSION = re.compile(r"[+~]esm[0-9]")


def subscribed(packages: Iterable[Package]) -> bool:
    """Tell whether there is a package of Pro among them: then its fixes can be had."""
    return any(split(one.ecosystem)[0] == FAMILY and _VERSION.search(one.version) for one in packages)


def rows(target: Target, store: Store, ask: Callable[[str], list[Hit]], *, offered: bool) -> list[Hit]:
    """Return the rows that speak of a package.

    ask: returns the rows of a release that may match. offered: whether Pro's fixes can be had; if not, none of
    its versions is told as the one with the fix.
    """
    own, pro = ask(target.release), ask(PRO + target.release)
    if _VERSION.search(target.version):
        ruled = store.listed(target.name, PRO + target.release) if own else frozenset()
        return pro + [row for row in own if row.n not in ruled]
    ruled = store.listed(target.name, target.release) if pro else frozenset()
    found = [row for row in pro if row.n not in ruled]
    return own + (found if offered else [row._replace(flags=row.flags & ~FIXED) for row in found])
