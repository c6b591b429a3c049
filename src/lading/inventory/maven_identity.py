"""Which Maven artifact a jar is, where it does not say so itself in a pom.properties.

1. Artifact and version from the file name, `artifact-1.2.3.jar`; what the name does not tell,
   from the manifest (`Implementation-Title`; `Implementation-Version`, `Bundle-Version` ...).
2. Group, first that tells:
   a. the artifact is well known (`maven_groups`);
   b. `Group-Id` (Jenkins), `Implementation-Vendor-Id`, where it is the dotted name of one project;
   c. `Bundle-SymbolicName`, undone as the bundle plugin of Maven makes it: `group.artifact`, or
      with the word that both share written once (`org.apache.commons` + `commons-lang3` is
      `org.apache.commons.lang3`);
   d. the package that (nearly) all classes share, without last words that the artifact's name has.

Rule d is a guess. A wrong group names, nearly always, an artifact that does not exist: it costs
findings but makes no false ones, and the package is listed all the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import NamedTuple

from lading.inventory import maven_groups

_VERSION_STARTS = (re.compile(r"-(?=\d)"), re.compile(r"_(?=\d)"))  # the latter in OSGi bundles
_CLASSIFIER = re.compile(r"-(?:sources|javadoc|tests|test-sources)$")
_TESTS = "-tests"
_QUALIFIER = re.compile(
    r"(?:alpha|beta|build|cr|final|ga|jre|m|milestone|pre|r|rc|release|sp|snapshot)\d*", re.IGNORECASE
)
_ARTIFACT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}", re.ASCII)
_GROUP = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+", re.ASCII)
_VERSION = re.compile(r"\d[0-9A-Za-z.+_-]{0,99}", re.ASCII)
_MAX_STEM_CHARS = 300
_MAX_FOLDER_BYTES = 500
_OWN_SHARE = 0.9
_MAX_GROUP_WORDS = 4  # more is a package within an artifact
_TITLES = ("plugin-short-name", "short-name", "implementation-title")
_VERSIONS = ("plugin-version", "implementation-version", "bundle-version", "specification-version")
# Groups of many projects, each of which has a group below.
_UMBRELLAS = frozenset({"com.github", "com.google", "io.github", "org.apache", "org.eclipse", "org.jboss"})
# Jars of the Tomcat distribution, which are called otherwise on Maven Central.
_TOMCAT = {
    "bootstrap": "tomcat",
    "catalina": "tomcat-catalina",
    "catalina-ant": "tomcat-catalina-ant",
    "catalina-ha": "tomcat-catalina-ha",
    "catalina-ssi": "tomcat-ssi",
    "catalina-storeconfig": "tomcat-storeconfig",
    "catalina-tribes": "tomcat-tribes",
    "jasper": "tomcat-jasper",
    "jasper-el": "tomcat-jasper-el",
}


class Identity(NamedTuple):
    """A Maven artifact; group or version are empty where nothing tells."""

    group: str
    artifact: str
    version: str


def identify(
    stem: str, manifest: Mapping[str, str], class_folders: Callable[[], Iterable[bytes]]
) -> Identity:
    """Return the artifact that a jar named `stem` (without `.jar`) is, by the rules above.

    class_folders: asked only if rule d is needed; folders that hold classes.
    """
    artifact, version = from_name(stem)
    if not version:
        artifact = _titled(manifest) or artifact
        version = _versioned(manifest)
    if stem in _TOMCAT and manifest.get("implementation-title", "").startswith("Apache Tomcat"):
        artifact = _TOMCAT[stem]
    group = (
        maven_groups.known(artifact, version)
        or _stated(manifest)
        or _from_bundle(manifest, artifact)
        or _from_classes(class_folders(), artifact)
    )
    return Identity(group, artifact, version)


def from_name(stem: str) -> tuple[str, str]:
    """Return artifact and version of a file name without suffix; the version may be empty.

    A version begins with a digit after a hyphen, and no word but a qualifier such as `beta`
    stands between numbers in it: `log4j-1.2-api-2.17.1` is version 2.17.1.
    """
    stem = _CLASSIFIER.sub("", stem[:_MAX_STEM_CHARS])
    for starts in _VERSION_STARTS:
        for found in starts.finditer(stem, 1):
            if _is_version(stem[found.end() :]):
                return stem[: found.start()], stem[found.end() :]
    return stem, ""


def is_beside(stem: str, class_folders: Callable[[], Iterable[bytes]]) -> bool:
    """Tell whether a jar of that name has what belongs to an artifact, but is not its code.

    By Maven's classifiers: sources and documentation, without classes, and the classes of its tests.
    class_folders: asked only if needed; folders that hold classes.
    """
    classifier = _CLASSIFIER.search(stem[:_MAX_STEM_CHARS])
    if classifier is None or not from_name(stem)[1]:
        return False
    return classifier[0] == _TESTS or not class_folders()


def _is_version(text: str) -> bool:
    """Tell whether no word stands between the numbers of `text`, which begins with one."""
    word_met = False
    for word in text.split("-"):
        if word[:1].isdigit() and word_met:
            return False
        word_met = word_met or not (word[:1].isdigit() or _QUALIFIER.fullmatch(word))
    return True


def _titled(manifest: Mapping[str, str]) -> str:
    for key in _TITLES:
        title = manifest.get(key, "")
        if _ARTIFACT.fullmatch(title):
            return title
    return ""


def _versioned(manifest: Mapping[str, str]) -> str:
    for key in _VERSIONS:
        found = _VERSION.match(manifest.get(key, ""))
        if found:
            return found[0]
    return ""


def _stated(manifest: Mapping[str, str]) -> str:
    for key in ("group-id", "implementation-vendor-id"):
        group = manifest.get(key, "")
        if _GROUP.fullmatch(group) and group not in _UMBRELLAS:
            return group
    return ""


def _from_bundle(manifest: Mapping[str, str], artifact: str) -> str:
    bundle = manifest.get("bundle-symbolicname", "").partition(";")[0].strip()
    if not _GROUP.fullmatch(bundle):
        return ""
    if bundle.endswith(f".{artifact}"):
        above = bundle[: -len(artifact) - 1]
        # Nothing is released as `org.apache:x`, so the artifact's first word belongs to the group.
        return f"{above}.{artifact.partition('-')[0]}" if above in _UMBRELLAS or "." not in above else above
    prefix, _, last = bundle.rpartition(".")
    shared = prefix.rpartition(".")[2]
    return prefix if artifact in {f"{shared}-{last}", f"{shared}.{last}"} else ""


def _from_classes(class_folders: Iterable[bytes], artifact: str) -> str:
    folders = [folder[:_MAX_FOLDER_BYTES].decode("utf-8", "replace").split("/") for folder in class_folders]
    roots = Counter(tuple(words[:2]) for words in folders)
    root, count = max(roots.items(), key=itemgetter(1), default=((), 0))
    # A few classes of others, patched in, do not matter; many make it a jar of several artifacts.
    if not root or count < len(folders) * _OWN_SHARE:
        return ""
    words = _shared([words for words in folders if tuple(words[:2]) == root])[:_MAX_GROUP_WORDS]
    named = set(re.split(r"[-_.]", artifact))
    while len(words) > len(root) and words[-1] in named and ".".join(words[:-1]) not in _UMBRELLAS:
        words.pop()
    group = ".".join(words)
    return group if _GROUP.fullmatch(group) else ""


def _shared(folders: list[list[str]]) -> list[str]:
    """Return the words with which all begin: those that the first and the last in order share."""
    lowest, highest = min(folders), max(folders)
    same = 0
    while same < min(len(lowest), len(highest)) and lowest[same] == highest[same]:
        same += 1
    return lowest[:same]
