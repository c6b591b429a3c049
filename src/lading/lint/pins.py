"""Versions for fixes, from the real indexes: of the base image's release, of languages, of registries.

`Pins` is the `PinSource` that edges hand to lint. It is made of a way to make HTTP clients and the
addresses of the indexes, asks nothing before it is asked, and remembers for a day.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lading import net
from lading.errors import LadingError, UnavailableError, UsageError
from lading.lint.pin_source import Wanted
from lading.lint.pins_bases import Bases
from lading.lint.pins_fetch import Fetch, Pinned, Unknown, refused
from lading.lint.pins_index import Index
from lading.lint.pins_registry import Registries
from lading.lint.pins_release import Release, release_of
from lading.oci.credentials import Lookup, anonymous
from lading.oci.reference import Reference, parse

SOURCES: dict[str, str] = {
    "apk": "lading.lint.pins_apk",
    "apt": "lading.lint.pins_apt",
    "dnf": "lading.lint.pins_dnf",
    "gem": "lading.lint.pins_gem",
    "go": "lading.lint.pins_go",
    "npm": "lading.lint.pins_npm",
    "pypi": "lading.lint.pins_pypi",
    "yum": "lading.lint.pins_dnf",
    "zypper": "lading.lint.pins_dnf",
}
"""Every index of packages, and the module whose `look` reads it. Besides, `image` gives digests and `tag` versions."""

IMAGE, TAG = "image", "tag"


class Pins:
    """Knows versions. Threads may not share one.

    make_client: told whether certificates may be wrong; called when a request is to be made.
    bases: where the indexes are. cache_dir: where answers are kept for a day; None for nowhere.
    architecture: as images have it (`amd64`): packages of one release differ between them now and then.
    offline: only what is kept is used.
    lookup, insecure, mirrors: for registries, as `registry.open_target` has them.
    now: seconds since 1970.
    """

    def __init__(
        self,
        make_client: Callable[[bool], net.Client],
        *,
        bases: Bases | None = None,
        cache_dir: Path | None = None,
        architecture: str = "amd64",
        offline: bool = False,
        lookup: Lookup = anonymous,
        insecure: Sequence[str] = (),
        mirrors: Mapping[str, Sequence[str]] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._bases = bases or Bases()
        self._architecture = architecture
        self._fetch = Fetch(make_client, cache_dir=cache_dir, offline=offline, now=now)
        self._registries = Registries(
            make_client, self._fetch, lookup=lookup, insecure=insecure, mirrors=mirrors
        )

    def versions(self, wanted: Wanted) -> dict[str, str]:
        """Return name -> version (or digest, or tag), without the names that are not known.

        Raises `UnavailableError` if none is known and not all of them were looked for in vain: offline, the
        index does not answer, or the release of the base image cannot be told. `UsageError` for an
        index that is not in `SOURCES`. `ask` has the reason for each name.
        """
        answers = self.ask(wanted)
        known = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
        missing = [answer for answer in answers.values() if isinstance(answer, Unknown) and not answer.absent]
        if missing and not known:
            raise UnavailableError(f"no versions for {wanted.index}: {missing[0].reason}")
        return known

    def ask(self, wanted: Wanted) -> Pinned:
        """Return for each name its version, digest or tag, or why it is not known. Raises `UsageError`.

        What a version consists of is checked: none has a character that means something to a shell.
        """
        if wanted.index == IMAGE:
            return self._registries.digests(wanted.names)
        if wanted.index == TAG:
            return self._registries.tags(wanted.names)
        if wanted.index not in SOURCES:
            raise UsageError(f"no such index: {wanted.index!r}", hint="one of " + ", ".join(SOURCES))
        look: Callable[[Index, tuple[str, ...]], Pinned]
        look = importlib.import_module(SOURCES[wanted.index]).look
        try:
            return look(self._index(wanted.base), wanted.names)
        except LadingError as error:
            reason = refused(error)
            return dict.fromkeys(wanted.names, reason)

    def _index(self, base: str) -> Index:
        reference = _reference(base)
        release = None if reference is None else release_of(reference)
        return Index(self._fetch, self._bases, self._architecture, reference, release, self._tell)

    def _tell(self, reference: Reference) -> Release | None:
        return self._registries.release(reference, self._architecture)


def _reference(text: str) -> Reference | None:
    """Return the reference of a base image; None for `scratch`, variables without a value, and no reference."""
    if not text or text == "scratch":
        return None
    try:
        return parse(text)
    except LadingError:
        return None
