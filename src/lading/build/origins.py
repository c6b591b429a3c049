"""Where COPY --from and mounts take files from: contexts, stages that are finished, images."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from lading.build import accounts, content
from lading.build.accounts import Accounts
from lading.build.bases import Bases
from lading.build.chain import Chain, key_of
from lading.build.directory_files import DirectoryFiles
from lading.build.disk import Disk, pieces
from lading.build.execute import Situation
from lading.build.files import Files, missing
from lading.build.node import FILE, Node
from lading.build.paths import clean, resolve
from lading.build.plan import ImageSource, Source, StageSource
from lading.build.snapshotter import Snapshotter
from lading.build.step_cache import StepCache
from lading.build.tree_files import TreeFiles
from lading.oci.beside import writing


class Origins:
    """Files by source. contexts: by name, the main one without; images: those that are images.

    Threads may share it.
    """

    def __init__(
        self,
        snapshotter: Snapshotter,
        bases: Bases,
        cache: StepCache,
        contexts: Mapping[str, Callable[[], Files]],
        images: frozenset[str],
    ) -> None:
        self._snapshotter = snapshotter
        self._bases = bases
        self._cache = cache
        self._contexts = contexts
        self._images = images
        self._opened: dict[str, Files] = {}
        self._locks = {name: threading.Lock() for name in contexts}

    def chain(self, source: Source, situation: Situation) -> Chain | None:
        """Return the chain of a stage or an image, waiting for the stage; None for a directory."""
        if isinstance(source, StageSource):
            return situation.finished(source.index)
        if isinstance(source, ImageSource) or source.name in self._images:
            return self._bases.chain(source)
        return None

    def files(self, source: Source, situation: Situation) -> Files:
        """Return the files of a source. Raises what opening it raises."""
        chain = self.chain(source, situation)
        if chain is not None:
            name = next(iter(situation.step.sources), "")
            return self.of_chain(chain, f"--from={name}")
        assert not isinstance(source, StageSource | ImageSource)
        with self._locks[source.name]:
            if source.name not in self._opened:
                self._opened[source.name] = self._contexts[source.name]()
            return self._opened[source.name]

    def of_chain(self, chain: Chain, title: str) -> Files:
        """Return the files of a chain. title: how errors call it."""
        tree = self._snapshotter.tree(chain.layers)
        return TreeFiles(tree, lambda: self._snapshotter.directories(chain.layers), title=title)

    def directories(self, chain: Chain) -> tuple[Path, ...]:
        """Return the directories of a chain in overlayfs form, lowest first."""
        return self._snapshotter.directories(chain.layers)

    def flat(self, chain: Chain, scratch: Path) -> Path:
        """Return a directory with all files of a chain, made at `scratch`."""
        scratch.mkdir()
        self._snapshotter.flat(chain.layers, scratch)
        return scratch

    def directory(self, source: Source, situation: Situation, scratch: Path) -> Path:
        """Return a directory with just the files of a context: its own, or one that is made at `scratch`."""
        files = self.files(source, situation)
        if isinstance(files, DirectoryFiles) and files.plain:
            return Path(files.plain)
        scratch.mkdir()
        export(files, "", scratch)
        return scratch

    def begin(self, source: Source, path: str, situation: Situation, directory: Path) -> None:
        """Make a directory with what is at `path` in a source; at once, so that there is never half of it."""
        files = self.files(source, situation)
        real = resolve(files.get, clean(path))
        with self._snapshotter.scratch() as folder:
            made = folder / "cache"
            made.mkdir()
            export(files, real, made)
            directory.parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):  # another build was quicker
                made.rename(directory)

    def digest(self, source: Source, path: str, situation: Situation) -> str:
        """Return the digest of what is at `path` in a source. Raises `UnavailableError` if nothing is."""
        chain = self.chain(source, situation)
        key = ""
        if chain is not None:
            key = key_of("path", [layer.diff_id for layer in chain.layers], path)
            if known := self._cache.digest(key):
                return known
        files = self.files(source, situation)
        real = resolve(files.get, clean(path))
        if files.get(real) is None:
            raise missing(files, real)
        digest = files.digest(real).hex()
        if key:
            self._cache.keep_digest(key, digest)
        return digest

    def is_changed(self, source: Source, path: str, situation: Situation) -> bool:
        """Return whether what is at `path` in a source is no longer as it was when its digest was asked for."""
        if self.chain(source, situation) is not None:
            return False
        files = self.files(source, situation)
        return isinstance(files, DirectoryFiles) and files.is_changed(resolve(files.get, clean(path)))

    def accounts(self, chain: Chain) -> Accounts:
        """Return the users and groups of a chain."""
        return read_accounts(self.of_chain(chain, "the stage"))


def read_accounts(files: Files) -> Accounts:
    """Return the users and groups that files tell of."""
    return accounts.read(_content(files, "etc/passwd"), _content(files, "etc/group"))


def export(files: Files, path: str, target: Path) -> None:
    """Write what is in a directory of `files` into an empty directory of this machine.

    Raises `UnavailableError` where it cannot be written; what the user may not make is left out.
    """
    nodes: dict[str, Node] = {}
    with writing(target):
        disk = Disk(target)
        for at, node in content.walk(files, path):
            nodes[at] = msgspec.structs.replace(node, path=at)
            if at and node.kind == FILE:
                with files.open(node.path) as file:
                    disk.put(nodes[at], pieces(file))
            elif at:
                disk.put(nodes[at])
        disk.finish(nodes.get)


def _content(files: Files, path: str) -> bytes:
    """Return the content of a small file; nothing where there is none."""
    real = resolve(files.get, path)
    node = files.get(real)
    if node is None or node.kind != FILE:
        return b""
    with files.open(real) as file:
        return file.read(accounts.MAX_BYTES)
