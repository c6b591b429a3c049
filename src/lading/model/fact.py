"""What a reader can say of a file: the values that the layer cache keeps."""

from __future__ import annotations

import msgspec

from lading.model.package import Package


class Files(msgspec.Struct, frozen=True, tag_field="fact", tag="files"):
    """The files that a package owns, where another file than the package's own record lists them.

    type: purl type of the package. owner: its `Package.key`, or its name.
    paths: relative to the root, no leading `/`; directories may be among them.
    """

    type: str
    owner: str
    paths: tuple[str, ...]


class Licenses(msgspec.Struct, frozen=True, tag_field="fact", tag="licenses"):
    """The licences of a package, where another file than the package's own record states them.

    type, owner: as in `Files`. names: SPDX expressions, or names as found.
    """

    type: str
    owner: str
    names: tuple[str, ...]


class OsRelease(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="fact", tag="os"):
    """The operating system, as os-release(5) or one of its older relatives states it.

    id: `debian`, `alpine`, `rhel`, lower case. version: `VERSION_ID`, or what stands for it.
    id_like: from the nearest relative to the farthest. codename: `bookworm`.
    rank: which file wins where there are several; os-release is 0, older relatives above.
    variant: `VARIANT_ID`. cpe: `CPE_NAME`. support_end: `SUPPORT_END`, ISO date.
    """

    id: str
    version: str = ""
    name: str = ""
    pretty_name: str = ""
    codename: str = ""
    id_like: tuple[str, ...] = ()
    variant: str = ""
    cpe: str = ""
    support_end: str = ""
    rank: int = 0


class Skipped(msgspec.Struct, frozen=True, tag_field="fact", tag="skipped"):
    """Something that could not be read: shown in every report and counted by the gate.

    reader: who wanted it (`os/rpm`, `layer`). path: relative to the root. reason: one line.
    layer: diff ID, or empty.
    """

    reader: str
    path: str
    reason: str
    layer: str = ""


# Readers, by how their names begin, of what holds any number of packages: what they skip keeps "nothing
# found" from meaning that nothing is there.
DATABASES = ("os/", "layer", "foreign", "directory", "sbom")

Fact = Package | Files | Licenses | OsRelease | Skipped
