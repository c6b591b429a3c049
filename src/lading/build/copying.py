"""Files copied with their owners, modes, times and attributes."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

# What an overlay notes down for itself.
OVERLAY_XATTRS = ("trusted.overlay.", "user.overlay.", "user.fuseoverlayfs.")


def copy_attributes(source: str, target: str) -> None:
    """Give a directory the owner, mode, times and extended attributes of another."""
    found = Path(source).stat()
    os.chown(target, found.st_uid, found.st_gid)
    Path(target).chmod(stat.S_IMODE(found.st_mode))
    for name in os.listxattr(source):
        if not name.startswith(OVERLAY_XATTRS):
            os.setxattr(target, name, os.getxattr(source, name))
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def copy_file(source: str, target: str, *, follow_symlinks: bool = True) -> None:
    """Copy a file of any kind but a directory, or the link itself, to a path where there is none.

    Raises `OSError`.
    """
    found = Path(source).stat(follow_symlinks=follow_symlinks)
    if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
        shutil.copyfile(source, target, follow_symlinks=follow_symlinks)
    else:
        os.mknod(target, found.st_mode, found.st_rdev)
    os.chown(target, found.st_uid, found.st_gid, follow_symlinks=follow_symlinks)
    shutil.copystat(source, target, follow_symlinks=follow_symlinks)


def copy_tree(source: str, target: str) -> None:
    """Copy a directory with all that is in it, to a path where there is none; links are copied as such.

    Raises `OSError`.
    """
    pending, made = [(source, target)], []
    while pending:
        folder, copy = pending.pop()
        Path(copy).mkdir()
        made.append((folder, copy))
        with os.scandir(folder) as entries:
            for entry in entries:
                inner = (entry.path, f"{copy}/{entry.name}")
                if entry.is_dir(follow_symlinks=False):
                    pending.append(inner)
                else:
                    copy_file(*inner, follow_symlinks=False)
    # Those within first: times of a directory change with what is put into it.
    for folder, copy in reversed(made):
        copy_attributes(folder, copy)
