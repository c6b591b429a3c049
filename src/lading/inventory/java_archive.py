"""Java archives (jar, war, ear and their like): the artifacts in them, archives within archives too.

Maven puts `META-INF/maven/<group>/<artifact>/pom.properties` (and pom.xml) into what it builds; a
shaded jar keeps those of all that went into it, and each is reported. A jar that has none of its
own is identified by manifest and file name (`maven_identity`). An archive inside another has the
path `outer.war!/WEB-INF/lib/inner.jar`.

`lib-1.0-sources.jar`, `-javadoc` and `-tests` have the pom of `lib` and none of its code: they are not `lib`.

What holds classes but cannot be compared with advisories, since group or version is not known, is
listed with what is known and reported as skipped. What cannot be opened is skipped by its path; the
rest goes on.
Specification: https://docs.oracle.com/en/java/javase/17/docs/specs/jar/jar.html,
https://maven.apache.org/shared/maven-archiver/
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

from lading.errors import LadingError, LimitError
from lading.inventory import java_text, maven_identity, maven_pom, window, zip_archive
from lading.inventory.maven_identity import Identity
from lading.inventory.window import Window
from lading.inventory.zip_archive import Archive, Member
from lading.model.fact import Fact, Skipped
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "java/archive"
# jar and its relatives: web and enterprise applications, Jenkins plugins, resource adapters,
# services of JBoss, bundles of NiFi, Liferay and Karaf.
SUFFIXES = ("jar", "war", "ear", "hpi", "jpi", "par", "sar", "rar", "nar", "lpkg", "kar")
_ARCHIVES = tuple(f".{suffix}" for suffix in SUFFIXES)
_SURELY_ARCHIVES = (".jar", ".war", ".ear")
_MANIFEST = "META-INF/MANIFEST.MF"
_MAVEN = "META-INF/maven/"
_ENDINGS = (_MANIFEST, "/pom.properties", "/pom.xml", *_ARCHIVES, *(ending.upper() for ending in _ARCHIVES))
_WANTED = tuple(ending.encode() for ending in _ENDINGS)
_OWN_CLASSES = (b"BOOT-INF/classes/", b"WEB-INF/classes/")

_MAX_DEPTH = 8  # an archive in a web application in an enterprise application is 2
_MAX_ARCHIVES = 10_000  # in one file
_MAX_DIRECTORY_BYTES = 256 * MIB  # of all archives in one file
_MAX_UNPACKED_BYTES = 1024 * MIB  # likewise
_HELD_BYTES = 4 * MIB  # of an archive that is unpacked; more goes to a file on disk
_MAX_POMS_BYTES = 64 * MIB  # likewise
_POM_COST_BYTES = 1024  # of opening one, so that very many empty ones end, too
_MAX_POM_BYTES = MIB
_MAX_PROPERTIES_BYTES = 16 * 1024
_MANIFEST_HEAD_BYTES = 64 * 1024  # the main attributes come first; those of entries take megabytes


@dataclass(slots=True)
class _Left:
    """What may still be spent on one file, with everything in it; once it is spent all ends."""

    archives: int = _MAX_ARCHIVES
    directory_bytes: int = _MAX_DIRECTORY_BYTES
    unpacked_bytes: int = _MAX_UNPACKED_BYTES
    poms_bytes: int = _MAX_POMS_BYTES

    def spent(self) -> bool:
        return min(self.archives, self.directory_bytes, self.unpacked_bytes, self.poms_bytes) < 0


class _Project(NamedTuple):
    """What a pom.properties, a pom.xml or both in one folder of an archive say."""

    identity: Identity
    licenses: tuple[str, ...]


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the archive's own artifact, then those shaded into it, then those of archives within.

    Raises `MalformedError` or `LimitError` where the file itself is no zip archive that can be read.
    """
    content = window.of(file)
    # The rarer suffixes are also those of other things.
    if file.path.lower().endswith(_SURELY_ARCHIVES) or content.read(0, 2) == b"PK":
        yield from _archive(content, file.path, 0, _Left())


def _archive(content: Window, path: str, depth: int, left: _Left) -> Iterator[Fact]:
    try:
        archive = zip_archive.parse(content)
        left.directory_bytes -= len(archive.directory)
        if left.spent():
            raise LimitError("archives within archives hold more members than Lading reads")
        members = zip_archive.select(archive, _WANTED)
    except LadingError as error:
        raise type(error)(error.message, where=path) from error
    manifest = yield from _manifest(content, members, path)
    projects = yield from _projects(content, members, path, left)
    yield from _artifacts(archive, path, manifest, projects)
    # It may have 32 MiB, which need not be held while what is inside is read.
    del archive
    for member in members:
        if member.name.lower().endswith(_ARCHIVES) and not left.spent():
            yield from _nested(content, member, f"{path}!/{member.name}", (depth + 1, left))


def _nested(outer: Window, member: Member, path: str, place: tuple[int, _Left]) -> Iterator[Fact]:
    """Yield the facts of an archive in an archive; place: its depth, and what is left to spend."""
    depth, left = place
    left.archives -= 1
    try:
        if depth > _MAX_DEPTH:
            raise LimitError(f"archives nested more than {_MAX_DEPTH} deep")
        if left.spent():
            raise LimitError(f"more than {_MAX_ARCHIVES} archives in one file")
        content = zip_archive.stored(outer, member)
        if content is not None:
            yield from _archive(content, path, depth, left)
            return
        with SpooledTemporaryFile(max_size=_HELD_BYTES) as spool:
            yield from _archive(_unpacked(outer, member, spool, left), path, depth, left)
    except LadingError as error:
        yield Skipped(_NAME, path, error.message)


def _unpacked(outer: Window, member: Member, spool: IO[bytes], left: _Left) -> Window:
    try:
        zip_archive.unpack(outer, member, spool, left.unpacked_bytes)
    finally:
        left.unpacked_bytes -= spool.tell()
    return Window(size=spool.tell(), stream=spool)


def _manifest(content: Window, members: list[Member], path: str) -> Generator[Fact, None, dict[str, str]]:
    """Return the main attributes of the first manifest; none if there is none."""
    for member in members:
        if member.name.upper() == _MANIFEST:
            try:
                return java_text.manifest(zip_archive.head(content, member, _MANIFEST_HEAD_BYTES))
            except LadingError as error:
                yield Skipped(_NAME, f"{path}!/{member.name}", error.message)
    return {}


def _projects(
    content: Window, members: list[Member], path: str, left: _Left
) -> Generator[Fact, None, list[_Project]]:
    """Return the Maven projects that left their files in the archive, in the order met."""
    found: dict[str, dict[str, _Project]] = {}
    for member in members:
        folder, _, name = member.name.rpartition("/")
        if name not in _PARSERS or _MAVEN not in member.name:
            continue
        parse, max_bytes = _PARSERS[name]
        try:
            if left.spent():
                raise LimitError("more bytes of pom.xml in one file than Lading reads")
            text = zip_archive.read(content, member, max_bytes)
            left.poms_bytes -= len(text) + _POM_COST_BYTES
            found.setdefault(folder, {})[name] = parse(text, path)
        except LadingError as error:
            yield Skipped(_NAME, f"{path}!/{member.name}", error.message)
            if left.spent():
                break
            # How much was unpacked until it failed is not known.
            left.poms_bytes -= max_bytes
    projects = [_joined(each) for each in found.values()]
    return [each for each in projects if each.identity.artifact]


def _from_properties(content: bytes, _: str) -> _Project:
    fields = java_text.properties(content)
    group, artifact, version = (fields.get(key, "") for key in ("groupId", "artifactId", "version"))
    return _Project(Identity(group, artifact, version), ())


def _from_pom(content: bytes, path: str) -> _Project:
    pom = maven_pom.parse(content, path)
    return _Project(Identity(pom.group, pom.artifact, pom.version), pom.licenses)


_PARSERS = {
    "pom.properties": (_from_properties, _MAX_PROPERTIES_BYTES),
    "pom.xml": (_from_pom, _MAX_POM_BYTES),
}


def _joined(files: dict[str, _Project]) -> _Project:
    """Return what the files of one folder say; pom.properties, made by the build, goes first."""
    said = [files[name] for name in _PARSERS if name in files]

    def first(parts: Iterable[str]) -> str:
        return next((part for part in parts if part and "${" not in part), "")

    return _Project(
        Identity(
            first(each.identity.group for each in said),
            first(each.identity.artifact for each in said),
            first(each.identity.version for each in said),
        ),
        next((each.licenses for each in said if each.licenses), ()),
    )


def _artifacts(
    archive: Archive, path: str, manifest: dict[str, str], projects: list[_Project]
) -> Iterator[Fact]:
    """Yield the archive's own artifact, then those of the other projects, each once.

    Of an archive that is only beside its artifact (`maven_identity.is_beside`) that one is left out.
    One that cannot be compared with advisories is followed by the reason; but not, for want of a
    version, in an archive that has no classes of its own, nor in an application that holds its
    libraries as archives: no advisory is about those.
    """
    classes = cache(partial(_class_folders, archive))
    stem = path.rpartition("/")[2].rpartition(".")[0]
    own = _own(stem, projects)
    if own is None:
        identity = maven_identity.identify(stem, manifest, classes)
        known = {each.identity.artifact for each in projects}
        # A shaded jar with a name that says nothing is one of its projects, and no one knows which.
        if not projects or (identity.version and identity.artifact not in known):
            own = _Project(identity, ())
    beside = maven_identity.is_beside(stem, classes)
    for each in dict.fromkeys(([own] if own else []) + projects):
        if beside and each is own:
            continue
        group, artifact, version = each.identity
        licenses = each.licenses or (_bundle_licenses(manifest) if each is own else ())
        yield _package(path, each.identity, licenses)
        if (group and version) or not (version or (classes() and not _holds_archives(archive))):
            continue
        missing = "group" if version else "version"
        yield Skipped(_NAME, path, f"{artifact}: its {missing} is not known, no advisory can be matched")


def _holds_archives(archive: Archive) -> bool:
    return b".jar" in archive.directory


def _own(stem: str, projects: list[_Project]) -> _Project | None:
    """Return the project that the archive itself is, as far as its name or their number tells."""
    artifact, version = maven_identity.from_name(stem)
    for each in projects:
        if f"{stem}-".startswith(f"{each.identity.artifact}-{each.identity.version}-"):
            return each
    for each in projects:
        if each.identity.artifact in {stem, artifact}:
            return each
    alone = len(projects) == 1 and version in {"", projects[0].identity.version}
    return projects[0] if alone else None


def _class_folders(archive: Archive) -> set[bytes]:
    """Return the packages of the classes, as folders; of an application, of its own classes only."""
    folders = zip_archive.folders(archive, b".class")
    own = {
        folder.removeprefix(prefix)
        for prefix in _OWN_CLASSES
        for folder in folders
        if folder.startswith(prefix)
    }
    return own or {folder for folder in folders if not folder.startswith(b"META-INF")}


def _bundle_licenses(manifest: dict[str, str]) -> tuple[str, ...]:
    """Return the names or addresses in `Bundle-License`: parted by commas, attributes after `;`."""
    parts = (part.partition(";")[0].strip(' "') for part in manifest.get("bundle-license", "").split(","))
    return tuple(part for part in parts if part)


def _package(path: str, identity: Identity, licenses: tuple[str, ...]) -> Package:
    group, artifact, version = identity
    return Package(
        type="maven",
        name=f"{group}:{artifact}" if group else artifact,
        version=version,
        licenses=licenses,
        locations=(Location(path),),
        reader=_NAME,
    )


JAVA_ARCHIVE = FileReader(
    name=_NAME,
    read=read,
    paths=tuple(f"**/*.{suffix}" for suffix in SUFFIXES),
    max_bytes=2 * 2**30,
    version=3,
)
