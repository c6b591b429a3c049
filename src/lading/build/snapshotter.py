"""Root file systems on disk: for each layer of a chain a directory in overlayfs form, made when it is needed.

    layers/<ChainID>/files  what one layer adds, upon those below it; removed files are overlayfs's whiteouts
    layers/<ChainID>/used   when it was last wanted, as the time of an empty file
    index/                  what is known of each layer without its content (`index_store.py`)
    tmp/, probe-*           directories in the making, and in which something is tried (`isolation.py`)
    .lease                  held by who uses any of it, so that nothing is collected meanwhile

Directories are made beside and renamed, so that any number of builds may share the folder. Which user the
files belong to depends on who makes them: each way of working (root, a user's namespace) has its own folder.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from lading.build import layer_index, unpack
from lading.build.chain import LayerRef, chain_ids
from lading.build.index_store import IndexStore
from lading.build.isolation import PROBE
from lading.build.layer_index import LayerIndex
from lading.build.node import Changes
from lading.build.tree import Tree
from lading.model.digest import Digest
from lading.oci import store_lock
from lading.oci.beside import writing
from lading.oci.image import Layer
from lading.oci.store import Store
from lading.oci.stream import LayerStream

_MAX_TREES = 8
_PATIENCE_S = 10.0


class Snapshotter:
    """Gives trees and directories of chains. Threads and processes may share it."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store
        self._indexes = IndexStore(folder / "index")
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._trees: dict[str, Tree] = {}

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Keep what is in the folder from being collected; several may do so at once.

        Held by who calls any other method but `prune`. Raises `DeniedError` or `UnavailableError` where the
        folder cannot be written.
        """
        with store_lock.shared(self._folder / ".lease", alone=self._clear):
            yield

    def tree(self, layers: Sequence[LayerRef]) -> Tree:
        """Return the tree of a chain; it is shared, and must not be changed.

        Layers that nobody has looked at are read. Raises what reading and applying them raises.
        """
        ids = chain_ids([layer.diff_id for layer in layers])
        with self._lock:
            return self._tree(layers, ids)

    def directories(self, layers: Sequence[LayerRef]) -> tuple[Path, ...]:
        """Return the directories of a chain, lowest first, each made if it is not there.

        Raises what reading and unpacking the layers raises.
        """
        ids = chain_ids([layer.diff_id for layer in layers])
        places = tuple(self._place(chain_id) for chain_id in ids)
        with self._making:
            self._make_all(layers, places)
        for place in places:
            with suppress(OSError):
                (place.parent / "used").touch()
        return places

    def flat(self, layers: Sequence[LayerRef], target: Path) -> None:
        """Put all files of a chain into one directory, an empty one. Raises what reading and unpacking raise."""

        def streams() -> Iterator[tuple[Iterator[bytes], str]]:
            for layer in layers:
                with self._stream(layer) as stream:
                    yield stream.chunks(), f"layer {layer.digest}"

        unpack.flat(streams(), target)

    def adopt(self, layers: Sequence[LayerRef], directory: Path) -> None:
        """Take a directory in overlayfs form, as a run left it, as that of the chain's last layer."""
        self._move(directory, self._place(chain_ids([layer.diff_id for layer in layers])[-1]))

    def note(self, diff_id: str, changes: Changes, mtime_s: int | None) -> None:
        """Keep what is known of a layer that was just made, so that it need not be read."""
        self._indexes.put(diff_id, layer_index.of_changes(changes, mtime_s=mtime_s))

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty directory on the file system of the others, which is removed at the end."""
        folder = self._folder / "tmp"
        with writing(folder / "x"):
            folder.mkdir(parents=True, exist_ok=True)
            path = Path(tempfile.mkdtemp(dir=folder))
        try:
            yield path
        finally:
            unpack.remove(path)

    def prune(self, older_than_s: float = 0.0) -> int:
        """Remove the directories that were not wanted for so long, and what killed builds have left.

        Return how many were removed. Raises `UnavailableError` while a build goes on.
        """
        if not self._folder.is_dir():
            return 0
        gone = 0
        limit = time.time() - older_than_s
        with store_lock.sole(self._folder / ".lease", _PATIENCE_S):
            self._clear()
            for place in self._folder.glob("layers/*"):
                used = place / "used"
                if not used.exists() or used.stat().st_mtime <= limit:
                    unpack.remove(place)
                    gone += 1
            if not older_than_s:
                unpack.remove(self._folder / "index")
        return gone

    def _clear(self) -> None:
        for left in ("tmp/*", f"{PROBE}*"):
            for path in self._folder.glob(left):
                unpack.remove(path)

    def _tree(self, layers: Sequence[LayerRef], ids: Sequence[str]) -> Tree:
        if not layers:
            return Tree()
        known = self._trees.pop(ids[-1], None)
        if known is None:
            count = next((at for at in range(len(ids), 0, -1) if ids[at - 1] in self._trees), 0)
            known = self._trees[ids[count - 1]].copy() if count else Tree()
            for at in range(count, len(layers)):
                known.apply(self._index(layers[at]), at)
        self._trees[ids[-1]] = known  # the newest stands last
        if len(self._trees) > _MAX_TREES:
            del self._trees[next(iter(self._trees))]
        return known

    def _index(self, layer: LayerRef) -> LayerIndex:
        index = self._indexes.get(layer.diff_id)
        if index is None:
            with self._stream(layer) as stream:
                index = layer_index.from_tar(stream.chunks(), f"layer {layer.digest}")
            self._indexes.put(layer.diff_id, index)
        return index

    def _make_all(self, layers: Sequence[LayerRef], places: tuple[Path, ...]) -> None:
        """Make the directories that are missing; a layer is read once, for its directory and its index."""
        if all(place.is_dir() for place in places):
            return
        tree = Tree()
        for at, (layer, place) in enumerate(zip(layers, places, strict=True)):
            index = None if place.is_dir() else self._make(layer, place, tree, places[:at])
            tree.apply(index or self._index(layer), at)

    def _make(self, layer: LayerRef, place: Path, below: Tree, lowers: tuple[Path, ...]) -> LayerIndex:
        with self.scratch() as folder:
            target = folder / "files"
            target.mkdir()
            with self._stream(layer) as stream:
                made = unpack.layer(stream.chunks(), target, below, lowers, where=f"layer {layer.digest}")
            self._move(target, place)
        if self._indexes.get(layer.diff_id) is None:
            self._indexes.put(layer.diff_id, made.index)
        return made.index

    def _move(self, directory: Path, place: Path) -> None:
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            (place.parent / "used").touch()
        with suppress(OSError):  # somebody else has made it meanwhile
            directory.rename(place)

    def _stream(self, layer: LayerRef) -> LayerStream:
        stored = Layer(
            digest=Digest(layer.digest),
            diff_id=Digest(layer.diff_id),
            size=layer.size,
            open=lambda: self._store.open_blob(layer.digest),
            media_type=layer.media_type,
        )
        return LayerStream(stored, f"layer {layer.digest}")

    def _place(self, chain_id: str) -> Path:
        return self._folder / "layers" / chain_id.removeprefix("sha256:") / "files"
