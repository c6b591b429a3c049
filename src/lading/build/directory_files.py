"""The files of a directory of this machine, less what an ignore file keeps out: a build context.

Directories are listed when something in them is asked for, those that are kept out not at all. Owners are
dropped, since they are those of who happens to build; modes stay. Of extended attributes those stay that
mean the same elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import BinaryIO, NamedTuple

import msgspec

from lading.build import content
from lading.build.beneath import Beneath
from lading.build.node import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK, Node
from lading.build.paths import join
from lading.build.stat_cache import Stamp, StatCache
from lading.dockerfile.dockerignore import Inherited, Patterns
from lading.errors import DeniedError, LadingError, LimitError, UnavailableError

MAX_ENTRIES = 4_000_000
_MAX_LISTINGS = 64
_READ_BYTES = 2**20
_KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: DIRECTORY,
    stat.S_IFLNK: SYMLINK,
    stat.S_IFCHR: CHARACTER,
    stat.S_IFBLK: BLOCK,
    stat.S_IFIFO: FIFO,
}

Row = tuple[bytes, int, int, int, int, int, int, int]
"""Name, mode, and the stamp (size, modified, changed, inode, device), number of names."""
_FAR = 2**63 - 1
_FORMAT = 0o170000  # of a mode: what kind of file it is
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Row]).decode


class Kept(NamedTuple):
    """What is known of a directory: all rows, and those of no directories, encoded; name, mode and device of
    directories.

    newest: the latest time of change of what is no directory. has_twins: whether any of that has several names.
    """

    rows: bytes
    others: bytes
    folders: tuple[tuple[bytes, int, int], ...]
    newest: int
    has_twins: bool


class DirectoryFiles:
    """See `files.Files`. cache: remembers digests; without one, all is read each time.

    title: how errors call it. time_ns: the time of all, where that of the files says nothing.
    Raises `UnavailableError` or `DeniedError` if `root` cannot be opened.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        patterns: Patterns | None = None,
        *,
        title: str = "the build context",
        cache: StatCache | None = None,
        time_ns: int | None = None,
    ) -> None:
        self.title = title
        self._time_ns = time_ns
        self._root = os.fspath(root)
        self._patterns = patterns or Patterns()
        self._cache = cache
        self._kept: dict[str, Kept] = {}
        self._inherited: dict[str, Inherited] = {}
        self._entries = 0
        self._listings: OrderedDict[str, dict[str, Row]] = OrderedDict()
        self._digests: dict[str, bytes] = {}  # of directories
        self._digesting: dict[str, threading.Lock] = {}
        self._listing_one = threading.Lock()
        self._without_xattrs: set[int] = set()
        self._bare: set[str] = set()  # directories in which nothing has extended attributes
        self.changed = ""  # a file that was no longer as it had been listed when it was opened
        try:
            self._beneath = Beneath(root)
        except OSError as error:
            raise _failed(error, self._root) from error

    @property
    def plain(self) -> str:
        """Return the directory, if nothing in it is kept out; else nothing."""
        return "" if self._patterns.patterns else self._root

    def get(self, path: str) -> Node | None:
        """Return what is at `path`; None if nothing is, or it is kept out."""
        row = self._row(path)
        return None if row is None else self._node(path, row)

    def children(self, path: str) -> Sequence[Node]:
        """Return what is in a directory."""
        if not self._is_folder(path):
            return []
        found = [self._node(join(path, name), row) for name, row in self._listing(path).items()]
        if not any(node.xattrs for node in found):
            self._bare.add(path)
        return found

    def open(self, path: str) -> BinaryIO:
        """Return the content of a file; `changed` tells of one that is not as it was when its digest was asked for."""
        row = self._known(path)
        try:
            file = self._beneath.open(path)
            if _row_of(row[0], os.fstat(file.fileno())) != row:
                self.changed = path
        except OSError as error:
            raise _failed(error, path) from error
        return file

    def is_changed(self, path: str) -> bool:
        """Return whether what is at a path, or below it, is no longer as it was listed; it is listed anew for that."""
        now = DirectoryFiles(self._root, self._patterns, title=self.title)
        row = self._row(path)
        if row is None or not stat.S_ISDIR(row[1]):
            return now._row(path) != row
        return now._stamps(path) != self._stamps(path)

    def digest(self, path: str) -> bytes:
        """Return the digest of a file's content, or of all in a directory."""
        row = self._known(path)
        if not stat.S_ISDIR(row[1]):
            return self._file_digest(path, row)
        # Stages that want the same are often at it at the same time: one reads, the others wait.
        with self._digesting.setdefault(path, threading.Lock()):
            if path not in self._digests:
                self._digests[path] = self._tree_digest(path)
            return self._digests[path]

    def _tree_digest(self, path: str) -> bytes:
        if self._cache is None:
            return content.of_tree(self, path)
        began = self._cache.now()
        stamps, newest = self._stamps(path)
        known = self._cache.tree(stamps)
        if known is None:
            known = content.of_tree(self, path)
            self._cache.learn_tree(stamps, known, newest, began)
        return known

    def twin(self, path: str) -> Hashable:
        """Return device and inode of a file that has several names."""
        kept = self._kept.get(path.rpartition("/")[0])
        if kept is not None and not kept.has_twins:
            return None
        row = self._known(path)
        return (row[6], row[5]) if row[7] > 1 and stat.S_ISREG(row[1]) else None

    def why_not(self, path: str) -> str:
        """Return whether the ignore file keeps a path out."""
        ignored = self._patterns.ignores(path) and os.path.lexists(join(self._root, path))
        return "it is there, but the ignore file keeps it out" if ignored else ""

    def _known(self, path: str) -> Row:
        row = self._row(path)
        if row is None:
            raise UnavailableError(f"there is no {path[-80:] or '/'} in {self.title}")
        return row

    def _row(self, path: str) -> Row | None:
        if not path:
            return _row_of(b"", self._beneath.stat(""))
        folder, _, name = path.rpartition("/")
        return self._listing(folder).get(name) if self._is_folder(folder) else None

    def _is_folder(self, path: str) -> bool:
        """Whether there is a directory, which is so if it has been listed."""
        pending = []
        while path and path not in self._kept:
            pending.append(path)
            path = path.rpartition("/")[0]
        while pending:
            folder, _, name = pending.pop().rpartition("/")
            row = self._listing(folder).get(name)
            if row is None or not stat.S_ISDIR(row[1]):
                return False
        return True

    def _listing(self, folder: str) -> dict[str, Row]:
        """Return what is in a directory that is there, by name."""
        known = self._listings.get(folder)
        if known is None:
            known = {
                row[0].decode("utf-8", "surrogateescape"): row for row in _decode(self._rows(folder).rows)
            }
            self._listings[folder] = known
            if len(self._listings) > _MAX_LISTINGS:
                self._listings.popitem(last=False)
        return known

    def _rows(self, folder: str) -> Kept:
        """Return what is in a directory, encoded, since a million of them take little room so."""
        known = self._kept.get(folder)
        if known is None:
            with self._listing_one:
                known = self._kept.get(folder) or self._listed(folder)
        return known

    def _listed(self, folder: str) -> Kept:
        rows = self._scanned(folder)
        if self._patterns.patterns:
            rows = self._let_in(folder, rows)
        folders = [row for row in rows if row[1] & _FORMAT == stat.S_IFDIR]
        others = [row for row in rows if row[1] & _FORMAT != stat.S_IFDIR] if folders else rows
        encoded = _packed(rows)
        known = self._kept[folder] = Kept(
            encoded,
            _packed(others) if folders else encoded,
            tuple((row[0], row[1], row[6]) for row in folders),
            max([row[4] for row in others], default=0),
            any(row[7] > 1 for row in others),
        )
        return known

    def _scanned(self, folder: str) -> list[Row]:
        rows: list[Row] = []
        try:
            listed = self._beneath.listing(folder)
            try:
                with os.scandir(listed) as entries:
                    for entry in entries:
                        known = entry.stat(follow_symlinks=False)
                        if known.st_mode & _FORMAT != stat.S_IFSOCK:
                            rows.append(_row_of(entry.name.encode("utf-8", "surrogateescape"), known))
            finally:
                os.close(listed)
        except OSError as error:
            raise _failed(error, join(self._root, folder)) from error
        self._entries += len(rows)
        if self._entries > MAX_ENTRIES:
            raise LimitError(
                f"over {MAX_ENTRIES} files in {self.title}",
                self._root,
                "name what is not needed in .dockerignore",
            )
        rows.sort()
        return rows

    def _let_in(self, folder: str, rows: list[Row]) -> list[Row]:
        """Return those that are not kept out, and directories in which something is not."""
        kept = []
        inherited = self._inherited.get(folder, ())
        for row in rows:
            path = join(folder, row[0].decode("utf-8", "surrogateescape"))
            ignored, below = self._patterns.below(path, inherited)
            if stat.S_ISDIR(row[1]):
                self._inherited[path] = below
                if ignored and not (self._patterns.lets_in_below(path) and self._holds_any(path)):
                    continue
            elif ignored:
                continue
            kept.append(row)
        return kept

    def _holds_any(self, folder: str) -> bool:
        """Whether anything below a directory that is kept out is let in again."""
        pending = [folder]
        while pending:
            at = pending.pop()
            inherited = self._inherited[at]
            for row in self._scanned(at):
                path = join(at, row[0].decode("utf-8", "surrogateescape"))
                ignored, below = self._patterns.below(path, inherited)
                if not ignored:
                    return True
                if stat.S_ISDIR(row[1]) and self._patterns.lets_in_below(path):
                    self._inherited[path] = below
                    pending.append(path)
        return False

    def _stamps(self, path: str) -> tuple[bytes, int]:
        """Return a hash over all by which a change below a directory is seen, and the latest time of change of a file.

        Of directories it has no times: these change with what is kept out, too.
        """
        known = hashlib.sha256(_encode(content.VERSION))
        newest = 0
        pending = [path]
        while pending:
            folder = pending.pop()
            kept = self._rows(folder)
            known.update(b"%d %d " % (len(pending), len(kept.others)))
            known.update(kept.others)
            newest = max(newest, kept.newest)
            for name, mode, device in kept.folders:
                below = join(folder, name.decode("utf-8", "surrogateescape"))
                known.update(_encode((name, mode, self._xattrs(below, device))))
                pending.append(below)
        return known.digest(), newest

    def _node(self, path: str, row: Row) -> Node:
        kind = _KINDS[stat.S_IFMT(row[1])]
        try:
            return Node(
                path=path,
                kind=kind,
                mode=stat.S_IMODE(row[1]),
                mtime_ns=row[3] if self._time_ns is None else self._time_ns,
                size=row[2] if kind == FILE else 0,
                link=self._beneath.target(path) if kind == SYMLINK else "",
                device=self._device(path) if kind in {CHARACTER, BLOCK} else (0, 0),
                xattrs=self._xattrs(path, row[6]),
            )
        except OSError as error:
            raise _failed(error, path) from error

    def _device(self, path: str) -> tuple[int, int]:
        number = self._beneath.stat(path).st_rdev
        return os.major(number), os.minor(number)

    def _xattrs(self, path: str, device: int) -> tuple[tuple[str, bytes], ...]:
        if device in self._without_xattrs or path.rpartition("/")[0] in self._bare:
            return ()
        # There is no call that takes a directory and a name; nothing but attributes could be had from elsewhere.
        full = join(self._root, path)
        try:
            names = [name for name in os.listxattr(full, follow_symlinks=False) if _means_the_same(name)]
            return tuple((name, os.getxattr(full, name, follow_symlinks=False)) for name in sorted(names))
        except OSError as error:
            if error.errno == errno.ENOTSUP:
                self._without_xattrs.add(device)
            return ()

    def _file_digest(self, path: str, row: Row) -> bytes:
        stamp: Stamp = row[2:7]
        known = self._cache.file(path, stamp) if self._cache else None
        if known is not None:
            return known
        began = self._cache.now() if self._cache else 0
        try:
            digest, before, after = self._beneath.digest(path)
        except OSError as error:
            raise _failed(error, path) from error
        if self._cache and _row_of(row[0], before) == _row_of(row[0], after) == row:
            self._cache.learn_file(path, stamp, digest, began)
        return digest


def _row_of(name: bytes, known: os.stat_result) -> Row:
    return (
        name,
        known.st_mode,
        known.st_size,
        known.st_mtime_ns,
        known.st_ctime_ns,
        known.st_ino,
        known.st_dev,
        known.st_nlink,
    )


def _packed(rows: list[Row]) -> bytes:
    try:
        return _encode(rows)
    except OverflowError:
        # There are file systems that take times of a distant future: beyond what 64 bits hold, all are the same.
        return _encode([(row[0], *(min(max(-_FAR, number), _FAR) for number in row[1:])) for row in rows])


def _means_the_same(name: str) -> bool:
    """Whether an extended attribute means the same on another machine; labels and ACLs of this one do not."""
    return name == "security.capability" or (
        name.startswith("user.") and not name.startswith(("user.overlay.", "user.fuseoverlayfs."))
    )


def _failed(error: OSError, where: str) -> LadingError:
    if error.errno in {errno.EACCES, errno.EPERM}:
        return DeniedError(
            "cannot be read: permission denied", where, "name it in .dockerignore if it is not needed"
        )
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
        return UnavailableError("is not there, or no longer", where)
    return UnavailableError(f"cannot be read: {error.strerror or error}", where)
