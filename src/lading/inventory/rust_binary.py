"""Rust programs built with `cargo auditable`: the crates that are compiled into them.

The linker section `.dep-v0` is zlib-compressed JSON: `packages`, each with `name`, `version`,
`source` (`crates.io`, `git`, `local`, `registry` ...), `kind` (`runtime`, where it is not said) and
`root` on the program itself. Crates of kind `build` (build scripts, procedural macros) ran on the
build machine and are not in the program: they are left out.
Specification: https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec

from lading.errors import LimitError, MalformedError
from lading.inventory import elf, window
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile

_NAME = "rust/binary"
_SECTION = b".dep-v0"
# The largest known are some 100 KiB of JSON; cargo-auditable's own readers stop at 8 MiB.
_MAX_COMPRESSED_BYTES = 2**20
_MAX_JSON_BYTES = 8 * 2**20


class _Crate(msgspec.Struct):
    name: str
    version: str
    source: str
    kind: str = "runtime"
    root: bool = False


class _Document(msgspec.Struct):
    packages: list[_Crate]


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the program itself first, then the crates in it, as the section orders them (by name).

    Nothing for a file without that section. Raises `MalformedError` or `LimitError` where there
    is one that cannot be read.
    """
    program = elf.parse(window.of(file))
    place = elf.section(program, _SECTION) if program else None
    if program is None or place is None:
        return
    compressed = program.window.read(place.offset, min(place.size, _MAX_COMPRESSED_BYTES))
    crates = _decode(_inflate(compressed, file.path), file.path).packages
    for crate in sorted(crates, key=lambda crate: not crate.root):
        if crate.kind != "build" and crate.name:
            yield Package(
                type="cargo",
                name=crate.name,
                version=crate.version,
                locations=(Location(file.path),),
                reader=_NAME,
            )


def _inflate(compressed: bytes, path: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(compressed, _MAX_JSON_BYTES)
    except zlib.error as error:
        raise MalformedError(f"section .dep-v0 is no zlib stream: {error}", where=path) from error
    if inflater.unconsumed_tail:
        raise LimitError(f"section .dep-v0 holds more than {_MAX_JSON_BYTES} bytes", where=path)
    if not inflater.eof:
        raise MalformedError("section .dep-v0 is cut off", where=path)
    return text


def _decode(text: bytes, path: str) -> _Document:
    try:
        return msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"section .dep-v0 has no list of crates: {error}", where=path) from error


RUST_BINARY = FileReader(name=_NAME, read=read, magic=elf.MAGIC, max_bytes=2 * 2**30)
