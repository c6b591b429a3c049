"""Files written beside their place and renamed into it, so that there is never half of one to be seen."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from lading.errors import DeniedError, LadingError, UnavailableError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where there is no room."""
_PIECE = 2**20


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a new file that takes the place of the one at `path` when the block ends without an error.

    The file can be sought in. A link at `path` stays one; into a device or a pipe the content is copied.
    Raises `DeniedError` where it may not be written, `UnavailableError` where it cannot be.
    """
    place = Path(os.path.realpath(path))  # Path.resolve fails at a loop, which can be replaced
    with writing(path):
        if place.exists() and not place.is_file():
            import shutil
            import tempfile

            with tempfile.TemporaryFile(prefix="lading-") as file, place.open("wb") as out:
                yield cast("BinaryIO", file)
                file.seek(0)
                shutil.copyfileobj(file, out, _PIECE)
            return
        # By chance, since a process may have several threads, and its number another one in another container.
        beside = place.with_name(f".{place.name[:200]}.{os.urandom(8).hex()}")
        try:
            with beside.open("xb") as made:
                yield made
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the system says while something is written at `place` into errors of ours.

    A pipe whose reader has left stays what it is: `cli.main` knows what to do.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise translated(error, place) from error


def translated(error: OSError, place: Path) -> LadingError:
    """Return the error for what the system said while something was written at `place`."""
    where = str(place)
    if error.errno in FULL:
        return UnavailableError(f"no room to write it: {error.strerror}", where, "make room and try again")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return DeniedError(f"cannot be written: {error.strerror}", where)
    return UnavailableError(f"cannot be written: {error.strerror}", where)
