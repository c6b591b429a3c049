"""Which flaws a record speaks of, and by which names.

- `aliases` name the same flaw. A record with several CVEs there is about one flaw that has several
  numbers; the first listed is the one to show, the others stay aliases.
- `upstream` names flaws that an advisory answers: several there are several flaws, unless all of them
  are aliases as well. `UBUNTU-CVE-2020-1` there is CVE-2020-1: notices (USN) have no other name for it.
- `related` counts only in records of distributions that name a CVE nowhere else: older
  advisories (ALSA, RLSA, SUSE-SU) list what they fix there.
- `ALPINE-CVE-2020-1` without any of these is CVE-2020-1.
- Bug fix and enhancement advisories (ALBA, RLEA, RHBA ...) are flaws only so far as they name CVEs. So are
  those by which a distribution mends what an earlier one has broken ("openjdk-7 regression").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from lading.advisories.ecosystem import DISTRIBUTIONS
from lading.advisories.osv import Record

CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_PREFIXED = re.compile(r"[A-Za-z]{1,30}-(CVE-[0-9]{4}-[0-9]{4,19})")
_NO_SECURITY = re.compile(r"(?:AL|RL|RH)[BE]A-|(?:open)?SUSE-(?:RU|FU|OU)-")
_REGRESSION = re.compile(r"\bregressions?\b", re.ASCII | re.IGNORECASE)
MAX_NAMES = 10_000


class Flaws(msgspec.Struct, frozen=True):
    """cves: in the order listed. split: each of them is a flaw of its own.

    names: all other identifiers of the flaw, the record's own first; only that one if split.
    security: False if the record tells of no flaw at all.
    """

    cves: tuple[str, ...]
    split: bool
    names: tuple[str, ...]
    security: bool = True


def flaws(record: Record, family: str) -> Flaws:
    """Return the flaws that a record of this family speaks of."""
    same = _unique([record.id, *(record.aliases or ())])
    upstream = _unique(record.upstream or ())
    cves, split = _cves(same), False
    answered = _unique(cve for name in upstream for cve in (_cves((name,)) or _own(name)))
    if answered and not set(answered) <= set(cves):
        cves = _unique([*cves, *answered])
        split = len(cves) > 1
    if not cves and family in DISTRIBUTIONS:
        cves = _cves(_unique(record.related or ())) or _own(record.id)
        split = len(cves) > 1
    names = (record.id,) if split else _unique([record.id, *same, *upstream])
    mends = family in DISTRIBUTIONS and _REGRESSION.search(record.summary or "")
    security = bool(cves) or not (mends or _NO_SECURITY.match(record.id))
    return Flaws(cves, split, tuple(name for name in names if name not in cves), security)


def is_cve(name: str) -> bool:
    """Tell whether an identifier is a CVE number."""
    return CVE.fullmatch(name) is not None


def _own(own_id: str) -> tuple[str, ...]:
    found = _PREFIXED.fullmatch(own_id)
    return (found[1],) if found else ()


def _cves(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name[:4] == "CVE-" and is_cve(name))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:MAX_NAMES]
