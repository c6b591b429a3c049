"""pom.xml in a source checkout: the artifacts that a Maven project names directly.

What they need in turn, and versions that stand in a parent or an imported bill of materials, is
known to no one without the network; those dependencies are reported as skipped, by name.
Specification: https://maven.apache.org/pom.html#dependencies
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory import maven_pom
from lading.model.fact import Fact, Skipped
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "java/pom"
_MAX_NAMED = 5  # in a reason, which is one line


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the direct dependencies in the order of the file, then what could not be resolved.

    Scope `test` has scope `test`; `provided`, `system` and optional ones have `optional`.
    Raises `MalformedError` or `LimitError` as `maven_pom.parse`.
    """
    unresolved = []
    for each in maven_pom.parse(file.data, file.path).dependencies:
        name = f"{each.group}:{each.artifact}"
        version = _single(each.version)
        if not (each.group and each.artifact and version) or "${" in name:
            unresolved.append(name)
            continue
        yield Package(
            type="maven",
            name=name,
            version=version,
            locations=(Location(file.path, each.line),),
            reader=_NAME,
            scope=_scope(each),
        )
    if unresolved:
        more = "" if len(unresolved) <= _MAX_NAMED else f" and {len(unresolved) - _MAX_NAMED} more"
        named = ", ".join(name[:200] for name in unresolved[:_MAX_NAMED])
        yield Skipped(_NAME, file.path, f"no version in this file: {named}{more}")


def _single(version: str) -> str:
    """Return the version that is meant, or nothing for a range or an unknown property."""
    if version.startswith("[") and version.endswith("]") and "," not in version:
        return version[1:-1].strip()
    return "" if "${" in version or version.startswith(("[", "(")) else version


def _scope(dependency: maven_pom.Dependency) -> str:
    if dependency.scope == "test":
        return "test"
    return "optional" if dependency.optional or dependency.scope in {"provided", "system"} else ""


POM_XML = FileReader(name=_NAME, read=read, paths=("**/pom.xml",), max_bytes=16 * MIB)
