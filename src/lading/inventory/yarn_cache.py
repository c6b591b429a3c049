"""Node packages that Yarn leaves zipped: `.yarn/cache/NAME-npm-1.2.3-HASH.zip`, which Plug'n'Play loads code from.

Such a project has no `node_modules`. Each archive holds a package as it would lie there, with its `package.json`; the
cache of all projects of a user is `.yarn/berry/cache`. What is read of them is what `node/package` reads of a folder.
Specification: https://yarnpkg.com/features/pnp, https://yarnpkg.com/features/caching
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import LadingError, LimitError
from lading.inventory import node_package, window, zip_archive
from lading.model.package import Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "node/yarn-cache"
_ROOT = "node_modules/"
_FILE = "/package.json"
_MAX_FILE_BYTES = 4 * MIB
# Of all these files in one archive; some packages have a thousand, most of a line.
MAX_BYTES = 64 * MIB
_FILE_COST_BYTES = 1024  # of opening one, so that very many empty ones end, too


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the packages in an archive, in its order: its own, and those bundled with it.

    Nothing for what is no zip archive. Raises `MalformedError` or `LimitError` for one that cannot be read.
    """
    archive = window.of(file)
    if archive.read(0, 4) != b"PK\3\4":
        return
    left = MAX_BYTES
    try:
        for member in zip_archive.select(zip_archive.parse(archive), (_FILE.encode(),)):
            if not member.name.startswith(_ROOT):
                continue
            text = zip_archive.read(archive, member, _MAX_FILE_BYTES)
            left -= len(text) + _FILE_COST_BYTES
            if left < 0:
                raise LimitError(f"more than {MAX_BYTES} bytes of package.json")
            inner = TreeFile(path=f"{file.path}!/{member.name}", size=len(text), data=text)
            yield from node_package.packages(inner, _NAME)
    except LadingError as error:
        raise type(error)(error.message, file.path) from error


YARN_CACHE = FileReader(
    name=_NAME,
    paths=("**/.yarn/cache/*.zip", "**/.yarn/berry/cache/*.zip"),
    read=read,
    max_bytes=512 * MIB,
)
