"""Directories laid over each other: by the kernel, or by fuse-overlayfs where the kernel does not let this user."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path

from lading.build import syscalls
from lading.build.run_spec import Overlay
from lading.errors import UnavailableError

# All that changes has to be whole in the upper directory: no renames by reference, no copies without content.
# In a user namespace the kernel does none of that, and refuses to be told so.
_WHOLE = ("redirect_dir=off", "metacopy=off", "index=off")
# What is written is read at once, by this process: the disk need not be waited for.
_UNSYNCED = "volatile"


class Overlays:
    """Mounts directories over each other.

    links: a directory, outside of which nothing is written. Directories are named by short links in it, since
    all the names have to fit into one page of memory, and so that no sign in a path is taken for a separator.
    fuse_program: the path of fuse-overlayfs, for that kind.
    """

    def __init__(self, links: Path, kind: Overlay, fuse_program: str = "") -> None:
        self._links = links
        self._kind = kind
        self._program = fuse_program
        self._count = 0

    def mount(self, point: Path, lowers: Iterable[str], upper: str = "", work: str = "") -> None:
        """Mount; without an upper directory nothing can be changed.

        lowers: lowest first. work: an empty directory on the file system of the upper one.
        Raises `UnavailableError` where it is refused.
        """
        links = [self._link(lower) for lower in reversed(tuple(lowers))]
        # The lowest may hide something that there is not; it does so where something is below it only.
        links.append(self._nothing())
        options = ["lowerdir=" + ":".join(links)]
        if upper:
            options += [f"upperdir={self._link(upper)}", f"workdir={self._link(work)}"]
        with chdir(self._links):
            if self._kind == "fuse":
                self._fuse(options, point)
            else:
                self._native(options, point, changes=bool(upper))

    def _native(self, options: list[str], point: Path, *, changes: bool) -> None:
        more = [_UNSYNCED] if changes else []
        more += ["userxattr"] if self._kind == "userxattr" else _WHOLE
        try:
            syscalls.mount("overlay", str(point), "overlay", 0, ",".join([*options, *more]))
        except OSError as error:
            raise UnavailableError(f"the layers cannot be mounted: {error.strerror}", str(point)) from error

    def _fuse(self, options: list[str], point: Path) -> None:
        """Mount with a process that goes into the background once it has mounted."""
        words = [self._program, "-o", ",".join(options), str(point)]
        # What it says is not the command's, whose outputs these are.
        said = self._links / "said"
        actions = [
            (os.POSIX_SPAWN_OPEN, 1, str(said), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        child = os.posix_spawn(self._program, words, os.environ, file_actions=actions)
        _, status = os.waitpid(child, 0)
        if status:
            text = said.read_text("utf-8", "replace").strip().rpartition("\n")[2]
            raise UnavailableError(f"fuse-overlayfs cannot mount the layers: {text[:200]}", str(point))

    def _link(self, directory: str) -> str:
        self._count += 1
        (self._links / str(self._count)).symlink_to(Path(directory).absolute())
        return str(self._count)

    def _nothing(self) -> str:
        (self._links / "nothing").mkdir(exist_ok=True)
        return "nothing"
