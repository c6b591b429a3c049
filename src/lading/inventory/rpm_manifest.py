"""Packages of Azure Linux (once CBL-Mariner) images that have neither rpm nor its database.

`container-manifest-2` is what `rpm -qa` printed when the image was made: one package a line, ten fields
between tabs: name, version-release, times of installation and build, vendor, nothing, size,
architecture, epoch, source rpm.
Format: toolkit/tools/imagegen/installutils in https://github.com/microsoft/azurelinux
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory import rpm
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "os/rpm-manifest"
_FIELDS = 10
_MAX_CHARS = 4096


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield one `Package` per line; `Skipped` for a line that has another form."""
    text = file.open().read().decode("utf-8", "backslashreplace")
    lines = text.split("\n", rpm.MAX_PACKAGES)
    if len(lines) > rpm.MAX_PACKAGES:
        yield Skipped(_NAME, file.path, f"more than {rpm.MAX_PACKAGES} lines: the rest is not read")
        lines.pop()
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("gpg-pubkey\t"):
            yield _package(file.path, number, line)


def _package(path: str, number: int, line: str) -> Package | Skipped:
    fields = ["" if field == "(none)" else field for field in line.rstrip("\r").split("\t", _FIELDS)]
    if len(fields) != _FIELDS or len(line) > _MAX_CHARS or not (fields[0] and fields[1]):
        return Skipped(_NAME, path, f"line {number}: not the ten fields of a package")
    name, version, *_, arch, epoch, source_rpm = fields
    source_name, source_version = rpm.source_of(source_rpm)
    return Package(
        type="rpm",
        name=name,
        version=version if epoch in {"", "0"} else f"{epoch}:{version}",
        source_name=source_name,
        source_version=source_version,
        arch=arch,
        locations=(Location(path, number),),
        key=f"{name}-{version}.{arch}",
        reader=_NAME,
    )


RPM_MANIFEST = FileReader(
    name=_NAME, paths=("var/lib/rpmmanifest/container-manifest-2",), read=read, max_bytes=16 * MIB
)
