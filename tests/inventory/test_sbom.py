from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import sbom
from lading.inventory.sbom_package import SbomContents
from lading.model.package import Location, Package
from lading.report.rendering import render
from report import factory

FORMATS = ["cyclonedx", "spdx"]
SYFT = Path(sys.executable).with_name("syft")


def known(packages: tuple[Package, ...]) -> set[tuple[str, ...]]:
    return {
        (one.type, one.name, one.version, one.purl, one.arch, one.source_name, one.locations[0].path)
        for one in packages
    }


PACKAGES = (
    factory.package("libssl3", source_name="openssl", source_version="3.0.11-1", arch="amd64"),
    factory.package(
        "bsdutils",
        "1:2.38.1-5",
        purl="pkg:deb/debian/bsdutils@1:2.38.1-5?arch=amd64&distro=debian-12",
        source_name="util-linux",
        source_version="2.38.1-5",
        arch="amd64",
        licenses=("GPL-2+", "Own licence"),
    ),
    factory.package(
        "@babel/core",
        "7.20.12",
        type="npm",
        purl="pkg:npm/%40babel/core@7.20.12",
        locations=(Location("app/node_modules/@babel/core/package.json"),),
        licenses=("MIT OR Apache-2.0",),
    ),
    factory.package(
        "org.apache.logging.log4j:log4j-core",
        "2.14.1",
        type="maven",
        purl="pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        locations=(Location("app/app.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar"),),
    ),
    factory.package(
        "github.com/gorilla/mux",
        "v1.8.0",
        type="golang",
        purl="pkg:golang/github.com/gorilla/mux@v1.8.0",
        locations=(Location("usr/bin/app"),),
    ),
    factory.package(
        "monolog/monolog",
        "2.0.0",
        type="composer",
        purl="pkg:composer/monolog/monolog@2.0.0",
        locations=(Location("app/vendor/composer/installed.json"),),
    ),
    factory.package(
        "zope-interface",
        "5.0",
        type="pypi",
        purl="pkg:pypi/zope-interface@5.0",
        locations=(Location("a b/ü.dist-info/METADATA"),),
    ),
)


@pytest.mark.parametrize("format_", FORMATS)
def test_what_we_write_is_what_we_read(format_: str) -> None:
    report = factory.report(packages=PACKAGES)
    contents = sbom.read(render(format_, report), "x")
    assert known(contents.packages) == known(PACKAGES)
    assert contents.os is not None
    assert (contents.os.id, contents.os.version, contents.os.codename) == ("debian", "12", "bookworm")
    assert contents.name == "docker://example.com/shop:1.2"


@pytest.mark.parametrize("format_", FORMATS)
def test_large_reports_come_back(format_: str) -> None:
    packages = tuple(
        msgspec.structs.replace(one, source_name=one.source_name or one.name if one.type == "deb" else "")
        for one in factory.large(400, 0).packages
    )
    contents = sbom.read(render(format_, factory.report(packages=packages)), "x")
    assert known(contents.packages) == known(packages)


@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_reports_come_back_as_something(format_: str) -> None:
    contents = sbom.read(render(format_, factory.hostile()), "x")
    assert isinstance(contents, SbomContents)


@pytest.mark.skipif(not SYFT.exists() and shutil.which("syft") is None, reason="syft is not installed")
def test_all_formats_of_syft_say_the_same(tmp_path: Path) -> None:
    image = needs.images() / "alpine-310.tar.gz"
    names = [
        "cyclonedx-json",
        "cyclonedx-json@1.2",
        "cyclonedx-xml",
        "spdx-json",
        "spdx-json@2.2",
        "spdx-tag-value",
    ]
    outputs = [f"-o={name}={tmp_path / name}" for name in names]
    archive = tmp_path / "image.tar"
    archive.write_bytes(gzip.decompress(image.read_bytes()))
    subprocess.run([str(SYFT), "-q", f"docker-archive:{archive}", *outputs], check=True, capture_output=True)
    read = {name: sbom.read((tmp_path / name).read_bytes(), name) for name in names}
    seen = {
        name: {(one.type, one.name, one.version, one.purl, one.source_name) for one in contents.packages}
        for name, contents in read.items()
    }
    first = seen["cyclonedx-json"]
    assert len(first) > 10
    assert ("apk", "musl", "1.1.22-r3") in {one[:3] for one in first}
    assert all(others == first for others in seen.values())
    systems = {(one.os.id, one.os.version[:4]) for one in read.values() if one.os}
    assert systems == {("alpine", "3.10")}
    assert {one.format for one in read.values()} == {"CycloneDX 1.6", "CycloneDX 1.2", "SPDX 2.3", "SPDX 2.2"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "neither CycloneDX nor SPDX", id="empty"),
        pytest.param(b"{}", "neither CycloneDX nor SPDX", id="object"),
        pytest.param(b"[]", "neither CycloneDX nor SPDX", id="list"),
        pytest.param(b"\x7fELF", "neither CycloneDX nor SPDX", id="binary"),
        pytest.param(b"<html></html>", "not CycloneDX", id="html"),
        pytest.param(b"<bom/>", "not CycloneDX", id="xml-without-namespace"),
        pytest.param(b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4">', "not XML", id="cut-xml"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]><bom/>', "document type", id="entities"),
        pytest.param(b'{"bomFormat": "CycloneDX"}', "specVersion", id="no-version"),
        pytest.param(
            b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":1}]}',
            "components",
            id="number",
        ),
        pytest.param(b'{"spdxVersion": "SPDX-3.0"}', "'SPDX-3.0' is not read", id="spdx-3"),
        pytest.param(b'{"@context": "https://spdx.org/rdf/3.0.1/x"}', "SPDX 3", id="spdx-3-linked-data"),
        pytest.param(b"SPDXVersion: SPDX-1.2\n", "'SPDX-1.2' is not read", id="spdx-1"),
        pytest.param(render("json", factory.report()), "a report, and no bill", id="our-report"),
        pytest.param('{"bomFormat":"CycloneDX"}'.encode("utf-16"), "neither", id="utf-16"),
    ],
)
def test_what_is_no_bill_of_materials(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        sbom.read(data, "x.json")


DEEP = 3000


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":['
            + b'{"name":"a","components":[' * DEEP
            + b"]}" * DEEP
            + b"]}",
            id="json",
        ),
        pytest.param(
            b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":['
            + b'{"name":"a","components":[' * 150
            + b"]}" * 150
            + b"]}",
            id="json-that-the-decoder-takes",
        ),
        pytest.param(
            b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>'
            + b'<component type="library"><components>' * DEEP,
            id="xml",
        ),
    ],
)
def test_depth_is_limited(data: bytes) -> None:
    with pytest.raises(LimitError, match="nested"):
        sbom.read(data, "x")


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="over 10 bytes"):
        sbom.read(b"{" + b" " * 10, "x")


def test_components_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lading.inventory.sbom_package.MAX_COMPONENTS", 3)
    with pytest.raises(LimitError, match="more than 3 components"):
        sbom.read(render("cyclonedx", factory.report()), "x")


SMALL = {
    "cyclonedx": render("cyclonedx", factory.report(packages=PACKAGES[:2], findings=(), suppressed=())),
    "spdx": render("spdx", factory.report(packages=PACKAGES[:2], findings=(), suppressed=())),
    "xml": b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components>'
    b'<component type="library"><name>a</name><version>1</version><purl>pkg:npm/a@1</purl></component>'
    b"</components></bom>",
    "tags": b"SPDXVersion: SPDX-2.3\nPackageName: a\nPackageVersion: 1\n"
    b"ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\nPackageComment: <text>type: npm\n</text>\n",
}


@pytest.mark.parametrize("name", SMALL)
def test_cut_anywhere(name: str) -> None:
    data = SMALL[name]
    for length in range(0, len(data), max(1, len(data) // 300)):
        _read_or_refuse(data[:length])


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for start in (
        b"",
        b'{"bomFormat":"CycloneDX",',
        b'{"spdxVersion":"SPDX-2.3",',
        b"SPDXVersion: SPDX-2.3\n",
        b"<",
    ):
        _read_or_refuse(start + data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["components", "packages", "name", "version", "purl", "licenses", "license", "properties", "value", "externalRefs",
         "referenceType", "referenceLocator", "versionInfo", "metadata", "component", "type", "evidence", "comment"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(_JSON, st.text(max_size=40))
@settings(max_examples=200)
def test_any_values(value: object, text: str) -> None:
    cyclonedx = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": value}
    spdx = {"spdxVersion": "SPDX-2.3", "packages": value}
    purl = [
        {"name": text, "version": "1", "purl": f"pkg:{text}"},
        {"name": "a", "purl": f"pkg:deb/d/a@{text}?distro={text}"},
    ]
    for document in (cyclonedx, spdx, {**cyclonedx, "components": purl}):
        _read_or_refuse(json.dumps(document).encode())


def _read_or_refuse(data: bytes) -> None:
    with contextlib.suppress(LadingError):
        assert all(one.name and one.version for one in sbom.read(data, "x").packages)
