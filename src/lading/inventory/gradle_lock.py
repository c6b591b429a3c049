"""gradle.lockfile: the artifacts that a Gradle project resolves to.

One artifact per line, `group:artifact:version=configuration,configuration`; `#` begins a comment;
`empty=...` names configurations without artifacts.
Specification: https://docs.gradle.org/current/userguide/dependency_locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import MalformedError
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "java/gradle-lock"
_BUILD_SCRIPT = "buildscript-gradle.lockfile"  # plugins of the build itself


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the artifacts in the order of the file; those that only tests use have scope `test`,
    those of the build itself `dev`.

    Raises `MalformedError`, with path and line, for a line of another form.
    """
    try:
        text = file.data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(f"not UTF-8: {error}", where=file.path) from error
    for line, content in enumerate(text.split("\n"), 1):
        if not content.strip() or content.startswith(("#", "empty=")):
            continue
        coordinates, _, configurations = content.strip().partition("=")
        group, _, rest = coordinates.partition(":")
        artifact, _, version = rest.partition(":")
        if not (group and artifact and version) or ":" in version:
            raise MalformedError("not `group:artifact:version=configurations`", where=f"{file.path}:{line}")
        yield Package(
            type="maven",
            name=f"{group}:{artifact}",
            version=version,
            locations=(Location(file.path, line),),
            reader=_NAME,
            scope=_scope(file.path, configurations),
        )


def _scope(path: str, configurations: str) -> str:
    if path.endswith(_BUILD_SCRIPT):
        return "dev"
    return "test" if all(name.startswith("test") for name in configurations.split(",")) else ""


GRADLE_LOCK = FileReader(
    name=_NAME, read=read, paths=("**/gradle.lockfile", f"**/{_BUILD_SCRIPT}"), max_bytes=16 * MIB
)
