"""Exactly the findings that the advisories call for, no more and no fewer, by the program itself.

Nothing of Lading is used to know them: layers are unpacked by `tarfile`, packages listed by
dpkg-query, apk, importlib.metadata and a walk through node_modules, and findings worked out by
`advisories.slow_oracle`, with the version comparison of dpkg, apk, `packaging` and `semantic_version`.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions
from pathlib import Path, PurePosixPath
from typing import IO

import pytest

import needs
import program
from advisories import installed, slow_oracle
from lading.model.package import Package

Triple = tuple[str, str, str]
# What lists packages, and what lists the files that dpkg owns.
_WANTED = re.compile(
    r"var/lib/dpkg/(status|arch|info/[^/]*\.list)|(etc|usr/lib)/os-release|lib/apk/.*|lib/ld-musl.*|lib/lib.*|sbin/apk"
    r"|usr/lib/(lib.*|apk/.*)|.*\.(dist|egg)-info/.*|.*\.egg-info|.*/package\.json|etc/apk/.*"
)


def unpack(layers: Iterator[IO[bytes]], root: Path) -> Path:
    """Lay the layers over each other, as far as they are wanted here."""
    for stream in layers:
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if path.name.startswith(".wh."):
                    _white_out(root, path)
                elif _WANTED.fullmatch(str(path)) and (member.isfile() or member.issym()):
                    # Later entries take the place of earlier ones, also where those are links.
                    (root / path).unlink(missing_ok=True)
                    archive.extract(member, root, filter="tar")
    return root


def _white_out(root: Path, path: PurePosixPath) -> None:
    if path.name == ".wh..wh..opq":
        shutil.rmtree(root / path.parent, ignore_errors=True)
        return
    gone = root / path.parent / path.name.removeprefix(".wh.")
    if gone.is_dir() and not gone.is_symlink():
        shutil.rmtree(gone)
    else:
        gone.unlink(missing_ok=True)


def layout_layers(layout: Path) -> Iterator[IO[bytes]]:
    def blob(digest: str) -> Path:
        return layout / "blobs" / digest.replace(":", "/")

    (entry,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    for layer in json.loads(blob(entry["digest"]).read_bytes())["layers"]:
        with blob(layer["digest"]).open("rb") as stream:
            yield stream


def archive_layers(path: Path) -> Iterator[IO[bytes]]:
    data = path.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data) if path.suffix == ".gz" else data)) as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest
        for name in json.load(manifest)[0]["Layers"]:
            layer = archive.extractfile(name)
            assert layer
            yield layer


def debian(root: Path) -> list[Package]:
    """Return what dpkg-query lists."""
    form = "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\t${source:Version}\n"
    command = ["dpkg-query", f"--admindir={root / 'var/lib/dpkg'}", "-W", "-f", form]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    release = re.search(r'^VERSION_ID="?([0-9]+)', (root / "usr/lib/os-release").read_text(), re.MULTILINE)
    assert release
    rows = [line.split("\t") for line in listed.splitlines()]
    return [
        Package(
            type="deb", name=name, version=version, ecosystem=f"Debian:{release[1]}", source_name=source,
            source_version=source_version,
        )
        for status, name, version, source, source_version in rows
        if status == "installed"
    ]  # fmt: skip


def owned(root: Path) -> frozenset[str]:
    lists = (root / "var/lib/dpkg/info").glob("*.list")
    return frozenset(line.lstrip("/") for path in lists for line in path.read_text().splitlines())


def python(root: Path) -> Iterator[Package]:
    """Yield what importlib.metadata lists, without what is dpkg's."""
    theirs = owned(root)
    folders = {path.parent for kind in ("dist-info", "egg-info") for path in root.rglob(f"*.{kind}")}
    for one in distributions(path=sorted(map(str, folders))):
        shown = next(name for name in ("METADATA", "PKG-INFO", "") if one.read_text(name))
        place = (Path(one._path) / shown).relative_to(root)  # type: ignore[attr-defined]  # the only way to it
        if str(place) not in theirs:
            name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
            yield Package(type="pypi", name=name, version=one.version, ecosystem="PyPI")


def node(root: Path) -> Iterator[Package]:
    """Yield what lies in node_modules, and applications that may be published; without what is dpkg's."""
    theirs = owned(root)
    for path in sorted(root.rglob("package.json")):
        place = path.relative_to(root)
        document = json.loads(path.read_bytes())
        if str(place) in theirs or not {"name", "version"} <= set(document):
            continue
        if "node_modules" in place.parts or not document.get("private"):
            yield Package(type="npm", name=document["name"], version=document["version"], ecosystem="npm")


class Apk:
    """The apk of an Alpine image, run from where it was unpacked."""

    def __init__(self, root: Path) -> None:
        self._root = root
        loader = next((root / "lib").glob("ld-musl-*.so.1"))
        self._command = [str(loader), "--library-path", str(root / "lib"), str(root / "sbin/apk")]
        self.compare = cache(self._compare)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def _compare(self, one: str, other: str) -> int:
        return "<=>".index(self._run("version", "-t", one, other)) - 1

    def listed(self) -> list[str]:
        """Return `name-version` of what is installed."""
        return sorted(self._run("--root", str(self._root), "info", "-v").splitlines())


def alpine(root: Path, apk: Apk) -> list[Package]:
    release = re.search(r"^VERSION_ID=([0-9]+\.[0-9]+)", (root / "etc/os-release").read_text(), re.MULTILINE)
    assert release
    found = list(installed.apk((root / "lib/apk/db/installed").read_text(), f"Alpine:v{release[1]}"))
    assert sorted(f"{one.name}-{one.version}" for one in found) == apk.listed()
    return found


def scanned(target: str, folder: Path) -> tuple[set[Triple], int]:
    """Return what `lading scan` finds, and how many packages there are."""
    lading = program.Lading(folder, {"LADING_OSV_URL": (needs.mirror() / "osv").as_uri()})
    done = lading("scan", target, "-f", "json")
    assert (done.returncode, done.stderr) == (0, b"")
    report = json.loads(done.stdout)
    found = [(one["package"]["name"], one["package"]["version"], one["id"]) for one in report["findings"]]
    return set(found), len(report["packages"])


@needs.tool("dpkg", "dpkg-query")
@pytest.mark.big
def test_of_an_old_system(tmp_path: Path) -> None:
    image = needs.big_images() / "old.tar"
    packages = debian(unpack(archive_layers(image), tmp_path / "root"))
    found, count = scanned(f"docker-archive:{image}", tmp_path)
    assert found == slow_oracle.expected(packages, needs.mirror())
    assert (count, len(found) > 500) == (len(packages), True)


@needs.tool("dpkg", "dpkg-query")
@pytest.mark.big
def test_of_a_large_image(tmp_path: Path) -> None:
    image = needs.big_images() / "web-oci"
    root = unpack(layout_layers(image), tmp_path / "root")
    packages = [*debian(root), *python(root), *node(root)]
    found, count = scanned(f"oci:{image}", tmp_path)
    assert found == slow_oracle.expected(packages, needs.mirror())
    assert (count, len(found) > 20) == (len(packages), True)


@pytest.mark.parametrize("name", ["alpine-310.tar.gz", "alpine-311.tar.gz"])
def test_of_alpine(name: str, tmp_path: Path) -> None:
    image = needs.images() / name
    root = unpack(archive_layers(image), tmp_path / "root")
    apk = Apk(root)
    packages = alpine(root, apk)
    found, count = scanned(f"docker-archive:{image}", tmp_path)
    assert found == slow_oracle.expected(packages, needs.mirror(), apk.compare)
    assert count == len(packages) == 14


def test_of_alpine_as_it_was_years_before(tmp_path: Path) -> None:
    """The same database with old versions, so that there is something to be found."""
    root = unpack(archive_layers(needs.images() / "alpine-310.tar.gz"), tmp_path / "root")
    database = root / "lib/apk/db/installed"
    database.write_text(re.sub(r"^V:.*", "V:1.0.0-r0", database.read_text(), flags=re.MULTILINE))
    packages = list(installed.apk(database.read_text(), "Alpine:v3.10"))
    found, _ = scanned(f"rootfs:{root}", tmp_path)
    assert found == slow_oracle.expected(packages, needs.mirror(), Apk(root).compare)
    assert len(found) > 20
