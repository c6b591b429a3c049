"""What Bitnami's images are for (Redis, PostgreSQL, Apache ...): no package manager has installed it.

`/opt/bitnami/redis/.spdx-redis.spdx` is a bill of materials in SPDX, JSON or tag-value, of a component: itself and what
was compiled into it, with package URLs `pkg:bitnami/redis@7.4.1-0`. What follows the hyphen counts Bitnami's builds of
the version; see `version_in` of `advisories.ecosystem`. Packages of other kinds that it lists are found where they lie.
Format: https://github.com/bitnami/vulndb, https://github.com/bitnami/go-version
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lading.inventory import sbom
from lading.inventory.content import data_of
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "bitnami/spdx"
_TYPE = "bitnami"


def read(file: TreeFile) -> Iterator[Package]:
    """Yield Bitnami's components in the order of the document.

    Raises `MalformedError` for what is no bill of materials, `LimitError` for one that is too large.
    """
    for package in sbom.read(data_of(file), file.path).packages:
        if package.type == _TYPE:
            yield msgspec.structs.replace(
                package, locations=(Location(file.path),), key=f"{file.path}:{package.name}", reader=_NAME
            )


BITNAMI = FileReader(
    name=_NAME, paths=("opt/bitnami/*.spdx", "opt/bitnami/*/*.spdx"), read=read, max_bytes=16 * MIB
)
