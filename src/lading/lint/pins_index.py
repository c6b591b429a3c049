"""What every source of versions is handed, and what tables of packages have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lading.errors import LadingError, MalformedError, UnavailableError
from lading.faults import redact
from lading.lint.pins_bases import Bases
from lading.lint.pins_fetch import Fetch
from lading.lint.pins_release import Release
from lading.oci.reference import Reference
from lading.oci.source import Readable
from lading.versions import scheme

MAX_PACKAGES = 2_000_000


@dataclass(frozen=True)
class Index:
    """A question's surroundings.

    fetch, bases: who asks, and where. architecture: as images have it (`amd64`, `arm64`).
    base: the base image, if the question came with one. release: of it, if its name tells.
    tell: finds the release of an image whose name does not.
    """

    fetch: Fetch
    bases: Bases
    architecture: str
    base: Reference | None = None
    release: Release | None = None
    tell: Callable[[Reference], Release | None] | None = None

    def needs(self, families: Iterable[str]) -> Release:
        """Return the release. Raises `UnavailableError` if it is not known, or none of these families."""
        release = self.release or self._told()
        if release.family not in tuple(families):
            raise UnavailableError(
                f"this package manager is not that of {release}, which the base image {self.base} is",
                hint="pin by hand",
            )
        return release

    def _told(self) -> Release:
        reason = ""
        if self.base is not None and self.tell is not None:
            try:
                release = self.tell(self.base)
            except LadingError as error:
                reason = f": {error}"
            else:
                if release is not None:
                    return release
        named = f" {self.base}" if self.base else ""
        raise UnavailableError(
            f"cannot tell the release of the base image{named}{reason}",
            hint="name it in the tag, as python:3.12-bookworm or alpine:3.19 do",
        )


def table(
    index: Index,
    urls: Sequence[str],
    read: Callable[[Readable, str], Iterable[tuple[str, str]]],
    order: str,
) -> dict[str, str]:
    """Return name -> highest version of the index at the first of `urls` that there is; empty if there is none.

    read: yields name and version from the response and what to call it in messages.
    order: the scheme of versions. Kept for a day, that there is none, too. Raises what `Fetch.open` and
    `read` raise, `LimitError`, `MalformedError` for an absurd number of packages.
    """

    def make() -> dict[str, str]:
        for url in urls:
            with index.fetch.open(url) as response:
                if response is not None:
                    return gathered(read(response, redact(url)), order, redact(url))
        return {}

    return index.fetch.remembered(f"table {order} {' '.join(urls)}", dict[str, str], make) or {}


def gathered(pairs: Iterable[tuple[str, str]], order: str, where: str) -> dict[str, str]:
    """Return name -> highest version. Raises `MalformedError` for an absurd number of pairs."""
    found: dict[str, str] = {}
    for count, (name, version) in enumerate(pairs):
        if count >= MAX_PACKAGES:
            raise MalformedError(f"more than {MAX_PACKAGES} packages in the index", where)
        if name in found:
            version = _higher(found[name], version, order)  # noqa: PLW2901 - the one that counts
        found[name] = version
    return found


def highest(name: str, tables: Iterable[dict[str, str]], order: str) -> str:
    """Return the highest version that any of the tables has for a name; empty if none has one."""
    best = ""
    for one in tables:
        if name in one:
            best = _higher(best, one[name], order)
    return best


def _higher(first: str, second: str, order: str) -> str:
    """Return the higher of two versions; one that the scheme cannot read never is."""
    key = scheme(order)
    try:
        second_key = key(second)
    except LadingError:
        return first
    try:
        return second if not first or key(first) < second_key else first
    except LadingError:
        return second
