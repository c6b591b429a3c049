"""Packages that dpkg, or its small relative opkg, has installed.

`status` holds all of them. Images without dpkg (distroless) have one file a package in `status.d`,
with no `Status` field, since what is there is installed.
As apt does, a package counts unless its state is `not-installed` or `config-files`: the files of one
that was left unpacked or half configured are there.
Formats: https://manpages.debian.org/deb822.5, https://manpages.debian.org/dpkg.1 (package states)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.inventory import makers
from lading.inventory.content import unfit
from lading.inventory.deb822 import paragraphs, pattern
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile

_NAME = "os/dpkg"
_MAX_PACKAGES = 100_000
# Longer than any name or version there is; more is an attempt to fill memory or a terminal.
_MAX_CHARS = 1024
_ABSENT = frozenset({"not-installed", "config-files"})
_FIELDS = pattern("Package", "Status", "Version", "Architecture", "Source", "Multi-Arch", *makers.DEB_FIELDS)
_UNSHOWN = frozenset(map(str.lower, makers.DEB_FIELDS))
_SOURCE = re.compile(r"([^\s(]+)(?:\s*\(([^)]*)\))?")


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield one `Package` per installed package, in file order; `Skipped` for one without version.

    `key` is what dpkg calls its file lists by: the name, with `:arch` where several architectures
    may be installed side by side; in `status.d` the name of the file.
    """
    if file.path.endswith(".md5sums"):
        return
    folder, _, base = file.path.rpartition("/")
    key = base if folder.endswith("/status.d") else ""
    text = file.open().read().decode("utf-8", "replace")
    for count, (line, fields) in enumerate(paragraphs(text, _FIELDS, opening="package")):
        if count >= _MAX_PACKAGES:
            yield Skipped(_NAME, file.path, f"more than {_MAX_PACKAGES} packages: the rest is not read")
            return
        if _is_installed(fields):
            yield _package(file.path, line, fields, key)
    if base == "status" and text and not text.endswith("\n"):
        yield Skipped(_NAME, file.path, "ends within a line: packages may be missing")


def _is_installed(fields: dict[str, str]) -> bool:
    states = fields.get("status", "").split()
    return not (states and states[-1].lower() in _ABSENT)


def _package(path: str, line: int, fields: dict[str, str], key: str) -> Package | Skipped:
    name, version = fields.get("package", ""), fields.get("version", "")
    shown = [value for field, value in fields.items() if field not in _UNSHOWN]
    if reason := unfit(name, version, shown, _MAX_CHARS):
        return Skipped(_NAME, path, f"line {line}: {reason}")
    arch = fields.get("architecture", "")
    source = _SOURCE.match(fields.get("source", ""))
    same = fields.get("multi-arch", "").lower() == "same"
    return Package(
        type="deb",
        name=name,
        version=version,
        source_name=source[1] if source else name,
        source_version=(source[2] or "").strip() or version if source else version,
        arch=arch,
        locations=(Location(path, line),),
        key=key or (f"{name}:{arch}" if same and arch else name),
        reader=_NAME,
        # opkg has a field `License` in all of its packages.
        foreign="opkg/" not in path and makers.of_deb(fields),
    )


DPKG = FileReader(
    name=_NAME,
    paths=(
        "var/lib/dpkg/status",
        "var/lib/dpkg/status.d/*",
        "usr/lib/opkg/status",
        "var/lib/opkg/status",
    ),
    read=read,
    version=2,
)
