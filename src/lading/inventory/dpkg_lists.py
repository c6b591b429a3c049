"""Which files each package of dpkg or opkg brought.

`info/NAME.list` or `info/NAME:ARCH.list` has one absolute path a line, directories first. Distroless
images have `status.d/NAME.md5sums` instead: a checksum, two blanks, a relative path. Where dpkg
still writes `/lib/x` after the merge of `/lib` into `/usr/lib`, so do the facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.model.fact import Files, Skipped
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "os/dpkg-lists"
_MAX_PATHS = 500_000
_MD5_CHARS = 32


def read(file: TreeFile) -> Iterator[Files | Skipped]:
    """Yield one `Files` fact, without the directories that have files in it.

    owner: the `key` that the reader `os/dpkg` gives the package.
    """
    text = file.open().read().decode("utf-8", "backslashreplace")
    owner, _, kind = file.path.rpartition("/")[2].rpartition(".")
    # All lines of a list begin with a slash: to split there strips it as well, in half the time.
    lines = text.rstrip("\n").split("\n" if kind == "md5sums" else "\n/", _MAX_PATHS)
    if len(lines) > _MAX_PATHS:
        yield Skipped(_NAME, file.path, f"more than {_MAX_PATHS} paths: the rest is not read")
        lines.pop()
    paths = _checksummed(lines) if kind == "md5sums" else _listed(lines)
    if paths:
        yield Files("deb", owner, tuple(paths))


def _listed(paths: list[str]) -> list[str]:
    # A directory comes before what is in it, mostly at once: `/usr`, `/usr/bin`, `/usr/bin/x`.
    following = [*paths[1:], ""]
    paths[0] = paths[0].removeprefix("/")
    return [
        path
        for path, after in zip(paths, following, strict=True)
        if not (after.startswith(path) and after[len(path) : len(path) + 1] == "/") and path not in {"", "."}
    ]


def _checksummed(lines: list[str]) -> list[str]:
    return [
        line[_MD5_CHARS:].strip().removeprefix("./").lstrip("/")
        for line in lines
        if line[_MD5_CHARS : _MD5_CHARS + 1] == " " and line[_MD5_CHARS:].strip()
    ]


DPKG_LISTS = FileReader(
    name=_NAME,
    paths=(
        "var/lib/dpkg/info/*.list",
        "var/lib/dpkg/status.d/*.md5sums",
        "usr/lib/opkg/info/*.list",
        "var/lib/opkg/info/*.list",
    ),
    read=read,
    max_bytes=32 * MIB,
)
