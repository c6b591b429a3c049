from __future__ import annotations

import json

import pytest

from lading.inventory import sbom_spdx
from lading.inventory.sbom_package import SbomContents
from lading.model.package import Location, Package


def read(*packages: object, **more: object) -> SbomContents:
    document = {"spdxVersion": "SPDX-2.3", "name": "web", "packages": packages, **more}
    return sbom_spdx.read(json.dumps(document).encode(), "x")


def entry(purl: str = "pkg:npm/a@1", **more: object) -> dict[str, object]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    return {"SPDXID": "SPDXRef-1", "name": "a", "versionInfo": "1", "externalRefs": [reference], **more}


def test_as_trivy_writes_it() -> None:
    contents = read(
        {
            "SPDXID": "SPDXRef-OperatingSystem-1",
            "name": "alpine",
            "versionInfo": "3.10.4",
            "downloadLocation": "NONE",
        },
        entry("pkg:oci/web@sha256:1", primaryPackagePurpose="CONTAINER"),
        {"SPDXID": "SPDXRef-Application-1", "name": "node-pkg", "primaryPackagePurpose": "APPLICATION"},
        entry(
            "pkg:apk/alpine/libssl1.1@1.1.1-r0?distro=3.10.4",
            sourceInfo="built package from: openssl 1.1.1-r0",
        ),
    )
    assert contents.packages == (
        Package(
            type="apk",
            name="libssl1.1",
            version="1.1.1-r0",
            purl="pkg:apk/alpine/libssl1.1@1.1.1-r0?distro=3.10.4",
            source_name="openssl",
            source_version="1.1.1-r0",
            reader="sbom/spdx",
        ),
    )
    assert contents.os is not None
    assert (contents.os.id, contents.os.version) == ("alpine", "3.10.4")
    assert (contents.name, contents.format) == ("web", "SPDX 2.3")


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        pytest.param({"licenseDeclared": "MIT"}, ("MIT",), id="declared"),
        pytest.param({"licenseDeclared": "NOASSERTION", "licenseConcluded": "ISC"}, ("ISC",), id="concluded"),
        pytest.param({"licenseDeclared": "NONE"}, (), id="none"),
        pytest.param({"licenseDeclared": "MIT AND ISC"}, ("MIT", "ISC"), id="several"),
        pytest.param({"licenseDeclared": "(MIT OR ISC) AND X11"}, ("(MIT OR ISC) AND X11",), id="expression"),
        pytest.param({"licenseDeclared": "MIT AND LicenseRef-a"}, ("MIT", "Own licence"), id="explained"),
        pytest.param({"licenseDeclared": "LicenseRef-b"}, ("the text",), id="explained-by-its-text"),
        pytest.param({"licenseDeclared": "LicenseRef-c"}, ("LicenseRef-c",), id="not-explained"),
    ],
)
def test_licenses(fields: dict[str, str], names: tuple[str, ...]) -> None:
    licensing = [
        {"licenseId": "LicenseRef-a", "name": "Own licence", "extractedText": "long"},
        {"licenseId": "LicenseRef-b", "extractedText": "the text"},
    ]
    (package,) = read(entry(**fields), hasExtractedLicensingInfos=licensing).packages
    assert package.licenses == names


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        pytest.param("found in a/b.json", ("a/b.json",), id="ours"),
        pytest.param(
            "acquired package info from installed node module manifest file: /a, /b", ("a", "b"), id="syft"
        ),
        pytest.param("it was there", (), id="words"),
    ],
)
def test_places(source: str, paths: tuple[str, ...]) -> None:
    (package,) = read(entry(sourceInfo=source)).packages
    assert package.locations == tuple(Location(path) for path in paths)


def test_a_package_that_nothing_names() -> None:
    assert read({"SPDXID": "SPDXRef-1", "name": "a", "versionInfo": "1"}).packages == ()


def test_nulls() -> None:
    fields = ["versionInfo", "externalRefs", "licenseDeclared", "sourceInfo", "comment"]
    assert read(dict.fromkeys(fields) | {"SPDXID": "SPDXRef-1", "name": None}).packages == ()
