"""Where fixes get versions from: somebody hands in a `PinSource`, and rules ask it through `Subject.pins`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lading.record import Record


class Wanted(Record):
    """A question. index: `apt`, `apk`, `dnf`, `zypper`, `pypi`, `npm`, `gem`, `go`, or `tag` and `image`.

    names: of packages, as the Dockerfile has them; for `image` and `tag` references with a tag
    (`debian:12`): the digest that it stands for, and the tag that says best which version that is. base: the
    image reference that the stage is built upon, variables replaced; empty where the index does not depend on it.
    """

    index: str
    names: tuple[str, ...]
    base: str = ""


class PinSource(Protocol):
    """Something that knows versions."""

    def versions(self, wanted: Wanted) -> Mapping[str, str]:
        """Return name -> version (or digest), without the names that the index does not have.

        Raises `LadingError` if it cannot be asked, or does not serve that base.
        """
