"""Packages as they lie in images, read with a few lines: enough to ask for advisories."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path

from lading.model.package import Location, Package


def layers(image: Path) -> Iterator[tarfile.TarFile]:
    """Yield the layers of a docker-archive (plain or gzip), lowest first; a root file system is one layer."""
    with tarfile.open(image) as archive:
        try:
            manifest = archive.extractfile("manifest.json")
        except KeyError:
            yield archive
            return
        assert manifest
        for name in json.load(manifest)[0]["Layers"]:
            layer = archive.extractfile(name)
            assert layer
            with tarfile.open(fileobj=layer) as tar:
                yield tar


def packages(image: Path) -> list[Package]:
    """Return what dpkg, apk, pip and npm have installed; the highest layer's databases win."""
    databases: dict[str, bytes] = {}
    names = re.compile(
        r"(?:\./)?(var/lib/dpkg/status|lib/apk/db/installed|etc/(?:alpine|debian)[-_](?:release|version)"
        r"|.*/site-packages/[^/]*\.dist-info/METADATA|.*/node_modules/(?:@[^/]+/)?[^/@]+/package\.json)"
    )
    for layer in layers(image):
        for member in layer:
            found = names.fullmatch(member.name)
            content = layer.extractfile(member) if found and member.isfile() else None
            if found and content:
                databases[found[1]] = content.read()
    return list(_packages(databases))


def _packages(files: dict[str, bytes]) -> Iterator[Package]:
    for path, data in sorted(files.items()):
        text = data.decode("utf-8", "replace")
        if path.endswith("dpkg/status"):
            yield from dpkg(text, "Debian:" + files["etc/debian_version"].decode().split(".")[0].strip())
        elif path.endswith("apk/db/installed"):
            release = ".".join(files["etc/alpine-release"].decode().split(".")[:2])
            yield from apk(text, "Alpine:v" + release)
        elif path.endswith("METADATA"):
            head = HeaderParser().parse(io.StringIO(text))
            name = re.sub(r"[-_.]+", "-", head["Name"]).lower()
            yield _package("pypi", name, head["Version"], "PyPI", path)
        elif path.endswith("package.json"):
            value = json.loads(text)
            if value.get("name") and value.get("version"):
                yield _package("npm", value["name"], value["version"], "npm", path)


def dpkg(status: str, ecosystem: str) -> Iterator[Package]:
    """Yield the installed packages of a dpkg status file."""
    for paragraph in status.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            source = re.fullmatch(r"(\S+)(?: \((.*)\))?", str(fields.get("Source", fields["Package"])))
            assert source
            yield Package(
                type="deb",
                name=fields["Package"],
                version=fields["Version"],
                ecosystem=ecosystem,
                source_name=source[1],
                source_version=source[2] or fields["Version"],
                locations=(Location("var/lib/dpkg/status"),),
            )


def apk(installed: str, ecosystem: str) -> Iterator[Package]:
    """Yield the packages of an apk database."""
    for paragraph in installed.split("\n\n"):
        fields = dict(line.split(":", 1) for line in paragraph.splitlines() if line[1:2] == ":")
        if fields:
            yield Package(
                type="apk",
                name=fields["P"],
                version=fields["V"],
                ecosystem=ecosystem,
                source_name=fields.get("o", ""),
                locations=(Location("lib/apk/db/installed"),),
            )


def _package(kind: str, name: str, version: str, ecosystem: str, path: str) -> Package:
    return Package(type=kind, name=name, version=version, ecosystem=ecosystem, locations=(Location(path),))
