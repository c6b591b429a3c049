"""What a reader of files is: a record that says which paths it wants, and a function.

The walk opens, limits and closes; a reader gets a `TreeFile` and gives facts. All readers share
one walk, and finding the readers of a path is a dictionary look-up, whatever their number.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO

from lading.model.fact import Fact

MIB = 2**20


@dataclass(frozen=True, slots=True)
class TreeFile:
    r"""A regular file of an image, whole.

    path: relative to the root of the image, `/` between names, no leading `/`; bytes that are
        not UTF-8 come as `\xff`.
    size: in bytes. mode: permission bits.
    data: the content, if it is small enough to be held; otherwise empty and `spool` has it.
    """

    path: str
    size: int
    mode: int = 0o644
    data: bytes = b""
    spool: IO[bytes] | None = None

    def open(self) -> IO[bytes]:
        """Return the content as a seekable stream that stands at its start; do not close it."""
        if self.spool is None:
            return io.BytesIO(self.data)
        self.spool.seek(0)
        return self.spool


@dataclass(frozen=True, slots=True)
class FileReader:
    """A format that Lading reads.

    name: `family/format`, as in `os/dpkg`, `python/dist-info`; unique.
    paths: globs relative to the root. `*` stands for any characters within a name, a leading
        `**/` for any number of directories, none among them. The last name is literal
        (`**/METADATA`), or ends with a literal suffix (`*.list`), or is a bare `*` below a
        literal directory (`var/lib/dpkg/status.d/*`).
    magic: or: first bytes of the content of every regular file that is wanted.
    read: gives the facts of one file. What it cannot read it raises as `MalformedError` or
        `LimitError`, or yields as `Skipped` and goes on. It must stand any bytes.
    max_bytes: a larger file is not read but reported as skipped. Files up to `HOLD_BYTES` come
        in `TreeFile.data`, larger ones must be read through `TreeFile.open()`.
    version: raised with every change of what `read` gives, so that cached facts are dropped.
    """

    name: str
    read: Callable[[TreeFile], Iterable[Fact]]
    paths: tuple[str, ...] = ()
    magic: bytes = b""
    max_bytes: int = 64 * MIB
    version: int = 1


# Members up to this size are held in memory, larger ones in an unlinked temporary file.
HOLD_BYTES = 16 * MIB
