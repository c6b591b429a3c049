"""What a lock file says, and how it becomes packages.

Lock files count only where a checkout is scanned. One that came along inside an installed
package says what its authors once used, not what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lading.errors import LimitError
from lading.model.fact import Fact
from lading.model.package import Location, Package
from lading.oci.reader import MIB, TreeFile

MAX_LOCK_BYTES = 16 * MIB
MAX_PINS = 200_000
MAX_NAME = 512

_INSTALLED = frozenset(
    ("site-packages", "dist-packages", "node_modules", "bower_components", "vendor", "gems", "nodejs")
)


class Pin(msgspec.Struct, frozen=True):
    """One entry of a lock file, as it stands there.

    line: from 1, 0 if not known. scope, licenses: as in `Package`.
    """

    name: str
    version: str
    line: int = 0
    scope: str = ""
    licenses: tuple[str, ...] = ()


def is_own(path: str) -> bool:
    """True if the lock file at `path` belongs to the checkout itself, not to what was installed in it."""
    return _INSTALLED.isdisjoint(path.split("/")[:-1])


def stated(value: object) -> str:
    """Return a name or version without space around it; empty if `value` is not fit to be one.

    Fit is a string of at most `MAX_NAME` printable characters without white space.
    """
    if not isinstance(value, str):
        return ""
    found = value.strip()
    fit = len(found) <= MAX_NAME and found.isprintable() and " " not in found
    return found if fit else ""


def packages(file: TreeFile, kind: str, reader: str, pins: Iterable[Pin]) -> Iterator[Fact]:
    """Yield one package for each name and version among `pins`, in the order of first mention.

    kind: purl type. What is pinned twice has a scope only if it has the same one both times.
    Pins whose name or version is not fit to be one are dropped. Raises `LimitError` for more
    than `MAX_PINS`.
    """
    merged: dict[tuple[str, str], Pin] = {}
    for count, pin in enumerate(pins):
        if count >= MAX_PINS:
            raise LimitError(f"more than {MAX_PINS} entries", file.path)
        known = merged.setdefault((pin.name, pin.version), pin)
        if known.scope != pin.scope:
            merged[pin.name, pin.version] = msgspec.structs.replace(known, scope="")
    for pin in merged.values():
        name, version = stated(pin.name), stated(pin.version)
        if name and version:
            yield Package(
                type=kind,
                name=name,
                version=version,
                licenses=pin.licenses,
                locations=(Location(file.path, pin.line),),
                key=f"{file.path}:{name}@{version}",
                reader=reader,
                scope=pin.scope,
            )
