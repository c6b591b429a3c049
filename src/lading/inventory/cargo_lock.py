"""Cargo.lock: the crates that a Rust workspace resolves to, its own members among them.

TOML with one table `[[package]]` per crate: `name`, `version`, `source` (absent for members of the
workspace). The first form had a table `[root]` for the program itself; versions 2 to 4 differ in
where checksums stand and how dependencies are written, which nobody asks here.
Specification: https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lading.errors import MalformedError
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "rust/cargo-lock"


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the crates in the order of the file, each at the line of its table.

    Raises `MalformedError` for what is not TOML, or has a package without name or version.
    """
    text, document = _document(file)
    tables = document.get("package", [])
    if not isinstance(tables, list):
        raise MalformedError("`package` is no list of tables", where=file.path)
    if isinstance(document.get("root"), dict):
        yield _package(file, document["root"], _lines(text, "[root]", 1)[0])
    for table, line in zip(tables, _lines(text, "[[package]]", len(tables)), strict=True):
        yield _package(file, table, line)


def _document(file: TreeFile) -> tuple[str, dict[str, Any]]:
    import tomllib

    try:
        text = file.data.decode()
        return text, tomllib.loads(text)
    # tomllib descends by recursion, and int() refuses a number of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not TOML: {error}", where=file.path) from error


def _lines(text: str, header: str, count: int) -> list[int]:
    """Return the lines where `header` stands; 0 for all if they are not `count` (other spelling)."""
    found = [line for line, content in enumerate(text.split("\n"), 1) if content.strip() == header]
    return found if len(found) == count else [0] * count


def _package(file: TreeFile, table: object, line: int) -> Package:
    fields = table if isinstance(table, dict) else {}
    name, version = fields.get("name"), fields.get("version")
    if not (isinstance(name, str) and isinstance(version, str) and name and version):
        raise MalformedError("package without name or version", where=f"{file.path}:{line}")
    place = Location(file.path, line)
    return Package(type="cargo", name=name, version=version, locations=(place,), reader=_NAME)


CARGO_LOCK = FileReader(name=_NAME, read=read, paths=("**/Cargo.lock",), max_bytes=16 * MIB)
