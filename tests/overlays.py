"""Real overlay mounts, what a directory really holds, and layers made at random."""

from __future__ import annotations

import hashlib
import io
import os
import random
import stat
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import needs
from lading.build.node import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK
from lading.build.tree import Tree

_KINDS = {
    stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: SYMLINK, stat.S_IFIFO: FIFO,
    stat.S_IFCHR: CHARACTER, stat.S_IFBLK: BLOCK, stat.S_IFSOCK: "socket",
}  # fmt: skip

# kind, mode, uid, gid, mtime_ns, link, device, xattrs
Shown = tuple[str, int, int, int, int, str, tuple[int, int], tuple[tuple[str, bytes], ...]]


@contextmanager
def mounted(
    where: Path, lowers: Sequence[Path], upper: Path | None = None, work: Path | None = None
) -> Iterator[Path]:
    """Mount directories, lowest first, over each other at `where`."""
    options = "lowerdir=" + ":".join(map(str, reversed(lowers)))
    if upper:
        options += f",upperdir={upper},workdir={work},redirect_dir=off,metacopy=off,index=off"
    where.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "overlay", "-o", options, "overlay", where],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        needs.missing(f"no overlay can be mounted: {done.stderr}")
    try:
        yield where
    finally:
        subprocess.run(["umount", where], check=True)


def on_disk(root: Path) -> dict[str, Shown]:
    """Return what is below a directory, and itself under the empty name."""
    found = {"": _shown(str(root))}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)  # noqa: PTH118 - names of any bytes
            found[os.path.relpath(path, root)] = _shown(path)
    return found


def in_tree(tree: Tree) -> dict[str, Shown]:
    """Return what a tree says."""
    return {
        node.path: (
            node.kind,
            0o777 if node.kind == SYMLINK else node.mode,
            node.uid,
            node.gid,
            node.mtime_ns,
            node.link,
            node.device,
            node.xattrs,
        )
        for node in tree.walk()
    }


def contents(root: Path) -> dict[str, str]:
    """Return the digests of all regular files below a directory."""
    return {
        path: hashlib.sha256((root / path).read_bytes()).hexdigest()
        for path, shown in on_disk(root).items()
        if shown[0] == FILE
    }


def _shown(path: str) -> Shown:
    known = os.lstat(path)
    kind = _KINDS[stat.S_IFMT(known.st_mode)]
    xattrs = tuple(
        (name, os.getxattr(path, name, follow_symlinks=False))
        for name in sorted(os.listxattr(path, follow_symlinks=False))
        if name.startswith(("user.", "security.capability")) and not name.startswith("user.overlay.")
    )
    device = (os.major(known.st_rdev), os.minor(known.st_rdev)) if kind in {CHARACTER, BLOCK} else (0, 0)
    link = os.readlink(path) if kind == SYMLINK else ""  # noqa: PTH115 - likewise
    mode = stat.S_IMODE(known.st_mode)
    return kind, mode, known.st_uid, known.st_gid, known.st_mtime_ns, link, device, xattrs


_NAMES = ["a", "b", "c"]


def layer_at_random(chance: random.Random) -> bytes:
    """Return the tar of a layer in which anything may meet anything."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for _ in range(chance.randrange(1, 12)):
            entry = tarfile.TarInfo(_path(chance))
            entry.mode = chance.choice([0o755, 0o644, 0o700, 0o1777, 0o4755, 0o2755, 0])
            entry.uid, entry.gid = chance.choice([(0, 0), (33, 33), (1000, 0), (70_000, 8**7)])
            entry.mtime = chance.choice([0, 1, 1_700_000_000, -5])
            entry.pax_headers = chance.choice([{}, {}, {"SCHILY.xattr.user.a": "x"}])
            data = _kind(entry, chance)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _path(chance: random.Random) -> str:
    return "/".join(chance.choice(_NAMES) for _ in range(chance.randrange(1, 4)))


def _kind(entry: tarfile.TarInfo, chance: random.Random) -> bytes:
    kind = chance.randrange(12)
    folder, _, name = entry.name.rpartition("/")
    if kind < 4:
        entry.type = tarfile.DIRTYPE
    elif kind < 6:
        entry.type, entry.pax_headers = tarfile.SYMTYPE, {}
        entry.linkname = chance.choice([_path(chance), "/" + _path(chance), "../" + _path(chance), "."])
    elif kind == 6:
        entry.type, entry.linkname, entry.pax_headers = tarfile.LNKTYPE, _path(chance), {}
    elif kind == 7:
        entry.type, entry.pax_headers = tarfile.FIFOTYPE, {}
    elif kind == 8:
        entry.name = f"{folder}/.wh.{name}".lstrip("/")
    elif kind == 9:
        entry.name += "/.wh..wh..opq"
    else:
        data = chance.randbytes(chance.choice([0, 1, 700]))
        entry.size = len(data)
        return data
    return b""
