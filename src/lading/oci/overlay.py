"""Layers laid over each other: what is visible, since when, and what a higher layer took away.

Rules: https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from lading.model.fact import Fact
from lading.oci.dispatch import Dispatch
from lading.oci.facts import LayerFacts

# Linux gives up after forty symlinks in one path (path_resolution(7)).
_MAX_LINKS = 40

# (index of a layer, what the file says from there on; None: it is gone from there on)
State = tuple[int, tuple[Fact, ...] | None]


class Overlay:
    """The layers of an image, lowest first, as one tree with a history."""

    def __init__(self, layers: Sequence[LayerFacts], known: Collection[str] = ()) -> None:
        """known: names under which `unread` files have been read since, through links."""
        self._layers = tuple(layers)
        self._known = frozenset(known)
        self._whiteouts = [frozenset(layer.whiteouts) for layer in layers]
        self._opaque = [frozenset(layer.opaque) for layer in layers]
        self._names = lru_cache(maxsize=None)(lambda at: frozenset(layers[at].names.split(b"\0")))
        self._folders = lru_cache(maxsize=None)(lambda at: frozenset(layers[at].folders.split(b"\0")))

    def histories(self) -> dict[str, list[State]]:
        """Return, for each path that ever gave facts, its states from the lowest layer up, by path.

        A state holds until the next. A layer that has the path and no facts of it ends them.
        """
        first: dict[str, int] = {}
        for at, layer in enumerate(self._layers):
            for path in layer.facts:
                first.setdefault(path, at)
        return {path: list(self._history(path, first[path])) for path in sorted(first)}

    def _history(self, path: str, first: int) -> Iterator[State]:
        # What is known through a symlink is there as long as what the link leads to.
        real = (self.resolve(path) if path in self._known else "") or path
        for at in range(first, len(self._layers)):
            if path in self._layers[at].facts:
                yield at, self._layers[at].facts[path]
            elif at > first and self._hides(at, real):
                yield at, None

    def _hides(self, at: int, path: str) -> bool:
        """Tell whether layer `at` removes or replaces what the layers below it have at `path`."""
        above = list(_ancestors(path))
        whiteouts, opaque = self._whiteouts[at], self._opaque[at]
        if whiteouts and (path in whiteouts or not whiteouts.isdisjoint(above)):
            return True
        if opaque and ("" in opaque or not opaque.isdisjoint(above)):
            return True
        return self._has(at, path) or any(_bytes(folder) in self._names(at) for folder in above)

    def _has(self, at: int, path: str) -> bool:
        name = _bytes(path)
        return name in self._names(at) or name in self._folders(at)

    def resolve(self, path: str) -> str:
        """Return the path with every symlink in it followed, within the root; "" on a loop."""
        todo = path.split("/")[::-1]
        done: list[str] = []
        followed = 0
        while todo:
            name = todo.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                del done[-1:]
                continue
            target = self._link("/".join([*done, name]))
            if target is None:
                done.append(name)
                continue
            followed += 1
            if followed > _MAX_LINKS:
                return ""
            if target.startswith("/"):
                done = []
            todo += target.split("/")[::-1]
        return "/".join(done)

    def _link(self, path: str) -> str | None:
        if not any(path in layer.links for layer in self._layers):
            return None
        for at in reversed(range(len(self._layers))):
            if path in self._layers[at].links:
                return self._layers[at].links[path]
            if self._hides(at, path):
                return None
        return None

    def top_links(self) -> dict[str, str]:
        """Return the directories of the root that are symlinks now: `lib` -> `usr/lib`."""
        names = {path for layer in self._layers for path in layer.links if "/" not in path}
        links = {name: self.resolve(name) for name in sorted(names)}
        return {name: target for name, target in links.items() if target and target != name}

    def unread(self, dispatch: Dispatch) -> dict[int, dict[str, str]]:
        """Return what is known under a wanted name only through a link: by layer, path -> that name.

        The walk meets a file under its own path. Where a reader wants a path that leads through
        a symlinked directory (usr-merge), to a symlink, or is a hard link, the file has to be
        read under the wanted name, unless it was read under its own by the same readers.
        """
        wanted: dict[int, dict[str, str]] = {}
        links = (path for layer in self._layers for path in layer.links if dispatch.wanted(path))
        for path in (*dispatch.literal_paths(), *links):
            real = self.resolve(path)
            readers = dispatch.wanted(path)  # none of a folder, in which there may be what is wanted
            if real not in {"", path} and not (readers and set(readers) <= set(dispatch.wanted(real))):
                self._want(path, real, dispatch, wanted)
        for at, layer in enumerate(self._layers):
            for path, real in layer.hardlinks.items():
                if not set(dispatch.wanted(path)) <= set(dispatch.wanted(real)):
                    wanted.setdefault(at, {}).setdefault(real, path)
        return wanted

    def _want(self, path: str, real: str, dispatch: Dispatch, wanted: dict[int, dict[str, str]]) -> None:
        prefix = _bytes(real) + b"/"
        for at, layer in enumerate(self._layers):
            pairs: Iterable[tuple[str, str]] = ()
            if _bytes(real) in self._names(at):
                pairs = [(real, path)]
            elif prefix in layer.names:
                below = [name for name in self._names(at) if name.startswith(prefix)]
                pairs = [(_text(name), path + _text(name[len(prefix) - 1 :])) for name in sorted(below)]
            for actual, known in pairs:
                readers = dispatch.wanted(known)
                if readers and actual != known and not set(readers) <= set(dispatch.wanted(actual)):
                    wanted.setdefault(at, {}).setdefault(actual, known)


def _ancestors(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _bytes(path: str) -> bytes:
    return path.encode()


def _text(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")
