"""Where a build gets its Dockerfile and its files from, as `lading build` is told."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from lading.build import unpack
from lading.build.build_context import Context, Named, Opener, named
from lading.build.elsewhere import Elsewhere
from lading.build.files import Files
from lading.net import Client
from lading.oci import store_lock


class Places(msgspec.Struct, frozen=True):
    """The contexts of a build. main: with the Dockerfile. elsewhere: brings what ADD names by URL."""

    main: Context
    further: tuple[Named, ...]
    opener: Opener
    elsewhere: Elsewhere
    opened: list[Context]

    @property
    def images(self) -> dict[str, str]:
        """The targets of contexts that are images, by name."""
        found = {one.name: f"docker://{one.image}" for one in self.further if one.image}
        return found | {one.name: f"oci:{one.layout}" for one in self.further if one.layout}

    @property
    def contexts(self) -> dict[str, Callable[[], Files]]:
        """How the files of each context are opened, by name, the main one without."""
        found: dict[str, Callable[[], Files]] = {
            one.name: self._opener(one.place, f"the context {one.name}") for one in self.further if one.place
        }
        return {**found, "": lambda: self.main.files}

    def _opener(self, place: str, title: str) -> Callable[[], Files]:
        def opened() -> Files:
            self.opened.append(self.opener.files(place, title))
            return self.opened[-1].files

        return opened


@contextmanager
def places(
    context: str, file: str, further: Sequence[str], client: Callable[[], Client], folder: Path
) -> Iterator[Places]:
    """Open the contexts; what was fetched for them is removed at the end, and what was learnt is kept.

    context, file, further: as typed. folder: for what builds keep. Raises what `Opener.context` raises.
    """
    known = tuple(named(text) for text in further)
    fetched = folder / "fetched"
    with store_lock.shared(fetched / ".lease", alone=lambda: _clear(fetched)):
        scratch = Path(tempfile.mkdtemp(dir=fetched))
        try:
            elsewhere = Elsewhere(client, scratch, folder / "elsewhere")
            opener = Opener(elsewhere, sys.stdin.buffer, folder / "stat")
            main = opener.context(context, file)
            found = Places(main, known, opener, elsewhere, [main])
            yield found
            for one in found.opened:
                one.save()
        finally:
            unpack.remove(scratch)


def _clear(folder: Path) -> None:
    for path in folder.glob("tmp*"):
        unpack.remove(path)
