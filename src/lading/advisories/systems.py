"""Flaws that only programs for some operating systems have, as the Go and Rust databases tell them.

Go: `imports`, each with its `goos` (https://go.dev/security/vuln/database); an import without it is of every system.
Rust: `affects.os` (https://github.com/rustsec/advisory-db). Programs are told apart by their format: what was read
out of an ELF file is for neither Windows nor macOS.
"""

from __future__ import annotations

from collections.abc import Iterable

from lading.advisories.osv import Specific
from lading.model.package import Package

# Not `js`: what is wrong there is in what a Go toolchain of any system makes.
_WITHOUT_ELF = frozenset({"darwin", "ios", "macos", "windows"})
_READERS_OF_ELF = frozenset({"go/binary", "rust/binary"})


def is_elf(package: Package) -> bool:
    """Tell whether a package was found in an ELF file."""
    return package.reader in _READERS_OF_ELF


def spare_elf(specifics: Iterable[Specific]) -> bool:
    """Tell whether what is said of a package is about no program that is an ELF file. specifics: its free fields."""
    named = [systems for one in specifics for systems in _named(one)]
    return bool(named) and all(systems and systems <= _WITHOUT_ELF for systems in named)


def _named(specific: Specific) -> list[frozenset[str]]:
    """Return the systems of each part of a package that has the flaw; an empty set for all systems."""
    if isinstance(specific.imports, list):
        return [_systems(part, "goos") for part in specific.imports]
    return [_systems(specific.affects, "os")] if specific.affects else []


def _systems(part: object, key: str) -> frozenset[str]:
    listed = part.get(key) if isinstance(part, dict) else None
    return (
        frozenset(name for name in listed if isinstance(name, str))
        if isinstance(listed, list)
        else frozenset()
    )
