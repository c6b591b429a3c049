"""A place to build images at: a store, folders, contexts; real bases, real commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import needs
from lading import net
from lading.build import order
from lading.build.directory_files import DirectoryFiles
from lading.build.elsewhere import Elsewhere
from lading.build.events import Event, Output
from lading.build.files import Files
from lading.build.order import Built, Means, Order
from lading.errors import UnavailableError
from lading.oci.image import Image, Platform
from lading.oci.open import Access, open_image, recognise
from lading.oci.store import Store
from lading.oci.target import Target

ALPINE = "alpine:3.10"


class Site:
    """Everything below one folder. events: of the last build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.context = folder / "context"
        self.context.mkdir(parents=True, exist_ok=True)
        self.store = Store(folder / "images")
        self.events: list[Event] = []

    def with_alpine(self) -> Site:
        """Put the real Alpine 3.10 into the store."""
        target = recognise(str(needs.images() / "alpine-310.tar.gz"))
        self.store.put(open_image(target, Access(client=net.client)), [ALPINE])
        return self

    def build(
        self,
        dockerfile: str,
        *,
        contexts: Mapping[str, Callable[[], Files]] | None = None,
        **more: Any,  # noqa: ANN401 - of the order
    ) -> Built:
        """Build a Dockerfile."""
        self.events.clear()
        means = Means(
            store=self.store,
            folder=self.folder / "build",
            files=self.folder / "files",
            contexts={"": lambda: DirectoryFiles(self.context), **(contexts or {})},
            fetch=_nothing,
            elsewhere=self._elsewhere(),
            tell=self.events.append,
        )
        return order.carry_out(Order(dockerfile=dockerfile.encode(), **{"names": ("it",), **more}), means)

    def _elsewhere(self) -> Elsewhere:
        scratch = self.folder / "fetched"
        scratch.mkdir(exist_ok=True)
        return Elsewhere(net.client, scratch)

    def unpacked(self, name: str = "it") -> Path:
        """Return a directory with all files of an image."""
        from lading.build import unpack
        from lading.oci.stream import LayerStream

        target = self.folder / f"unpacked-{len(list(self.folder.glob('unpacked-*')))}"
        target.mkdir()
        image = self.store.open_image(name)

        def streams() -> Iterator[tuple[Iterator[bytes], str]]:
            for layer in image.layers:
                with LayerStream(layer, "layer") as stream:
                    yield stream.chunks(), "layer"

        unpack.flat(streams(), target)
        return target

    def paths(self, at: int) -> list[str]:
        """Return the paths that a layer of the image brings."""
        import tarfile

        with self.store.open_image("it").layers[at].open() as blob, tarfile.open(fileobj=blob) as archive:  # type: ignore[attr-defined]  # a file
            return sorted(archive.getnames())

    @property
    def output(self) -> str:
        """What the commands of the last build printed."""
        return "".join(event.text for event in self.events if isinstance(event, Output))


def _nothing(target: Target, _: Platform) -> Image:
    raise UnavailableError("there is no network in this test", str(target))
