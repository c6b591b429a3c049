"""Paths within an image or a context: relative, "" for the root, parts divided by `/`."""

from __future__ import annotations

from collections.abc import Callable

from lading.build.node import SYMLINK, Node
from lading.errors import MalformedError

# Linux gives up after forty symlinks in one path (path_resolution(7)).
MAX_LINKS = 40


def resolve(
    get: Callable[[str], Node | None],
    path: str,
    *,
    follow_last: bool = True,
    base: str = "",
    followed: Callable[[int], None] = lambda _: None,
) -> str:
    """Return `path` with the symlinks in it followed as a kernel does whose root `base` is.

    get: what is at a path. follow_last: whether a symlink at the end is followed. followed: told for each
    symlink how many names its target has. `..` ends at the root; what does not exist stays as it is written.
    Raises `MalformedError` for more than forty symlinks.
    """
    todo = path.split("/")[::-1]
    done = base
    links = 0
    while todo:
        name = todo.pop()
        if name in {"", "."}:
            continue
        if name == "..":
            done = done if done == base else done.rpartition("/")[0]
            continue
        step = join(done, name)
        node = get(step)
        if node is None or node.kind != SYMLINK or not (follow_last or todo):
            done = step
            continue
        links += 1
        if links > MAX_LINKS:
            raise MalformedError("too many symlinks, one leading to the other", path)
        if node.link.startswith("/"):
            done = base
        names = node.link.split("/")
        followed(len(names))
        todo += names[::-1]
    return done


def join(folder: str, name: str) -> str:
    """Return the path of `name` in a directory."""
    return f"{folder}/{name}" if folder else name


def clean(path: str) -> str:
    """Return a path as it is from the root: `.`, `..` and `//` resolved as they are written."""
    done: list[str] = []
    for name in path.split("/"):
        if name == "..":
            done = done[:-1]
        elif name not in {"", "."}:
            done.append(name)
    return "/".join(done)
