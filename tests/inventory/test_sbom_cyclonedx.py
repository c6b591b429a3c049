from __future__ import annotations

import json

import pytest

from lading.inventory import sbom_cyclonedx
from lading.inventory.sbom_package import SbomContents
from lading.model.package import Location, Package

TRIVY = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {
        "component": {"type": "container", "name": "web:1", "properties": [{"name": "x", "value": "y"}]}
    },
    "components": [
        {"bom-ref": "1", "type": "operating-system", "name": "redhat", "version": "8.4"},
        {"bom-ref": "2", "type": "application", "name": "app/package-lock.json"},
        {
            "type": "library",
            "name": "openssl-libs",
            "version": "1:1.1.1g-15.el8_3",
            "purl": "pkg:rpm/redhat/openssl-libs@1.1.1g-15.el8_3?arch=x86_64&distro=redhat-8.4&epoch=1",
            "licenses": [{"license": {"name": "OpenSSL"}}],
            "properties": [
                {"name": "aquasecurity:trivy:SrcName", "value": "openssl"},
                {"name": "aquasecurity:trivy:SrcVersion", "value": "1.1.1g"},
                {"name": "aquasecurity:trivy:SrcRelease", "value": "15.el8_3"},
                {"name": "aquasecurity:trivy:SrcEpoch", "value": "1"},
            ],
        },
        {
            "type": "library",
            "group": "@babel",
            "name": "core",
            "version": "7.0.0",
            "purl": "pkg:npm/%40babel/core@7.0.0",
            "properties": [{"name": "aquasecurity:trivy:FilePath", "value": "app/package-lock.json"}],
        },
    ],
}


def read(document: object) -> SbomContents:
    return sbom_cyclonedx.read(json.dumps(document).encode(), "x")


def test_as_trivy_writes_it() -> None:
    contents = read(TRIVY)
    assert contents.packages == (
        Package(
            type="rpm",
            name="openssl-libs",
            version="1:1.1.1g-15.el8_3",
            purl="pkg:rpm/redhat/openssl-libs@1.1.1g-15.el8_3?arch=x86_64&distro=redhat-8.4&epoch=1",
            source_name="openssl",
            source_version="1:1.1.1g-15.el8_3",
            arch="x86_64",
            licenses=("OpenSSL",),
            reader="sbom/cyclonedx",
        ),
        Package(
            type="npm",
            name="@babel/core",
            version="7.0.0",
            purl="pkg:npm/%40babel/core@7.0.0",
            locations=(Location("app/package-lock.json"),),
            reader="sbom/cyclonedx",
        ),
    )
    assert contents.os is not None
    assert (contents.os.id, contents.os.version) == ("rhel", "8.4")
    assert (contents.name, contents.format) == ("web:1", "CycloneDX 1.5")


def test_components_within_components() -> None:
    inner = {"type": "library", "name": "b", "version": "2"}
    outer = {"type": "library", "name": "a", "version": "1", "components": [inner]}
    main = {
        "type": "application",
        "name": "m",
        "components": [{"type": "library", "name": "c", "version": "3"}],
    }
    contents = read({"specVersion": "1.4", "metadata": {"component": main}, "components": [outer]})
    assert [one.name for one in contents.packages] == ["c", "a", "b"]


@pytest.mark.parametrize("type_", ["file", "operating-system", "container", "device", "data"])
def test_what_is_no_package(type_: str) -> None:
    assert (
        read({"specVersion": "1.4", "components": [{"type": type_, "name": "a", "version": "1"}]}).packages
        == ()
    )


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        pytest.param([{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}], ("MIT", "Own"), id="both"),
        pytest.param([{"expression": "MIT OR ISC"}], ("MIT OR ISC",), id="expression"),
        pytest.param([{}, {"license": {}}, {"license": None}], (), id="nothing"),
        pytest.param(None, (), id="null"),
    ],
)
def test_licenses(choices: object, names: tuple[str, ...]) -> None:
    component = {"type": "library", "name": "a", "version": "1", "licenses": choices}
    (package,) = read({"specVersion": "1.4", "components": [component]}).packages
    assert package.licenses == names


@pytest.mark.parametrize(
    ("scope", "told"), [("required", ""), ("optional", "optional"), ("excluded", "optional")]
)
def test_scope(scope: str, told: str) -> None:
    component = {"type": "library", "name": "a", "version": "1", "scope": scope}
    assert read({"specVersion": "1.4", "components": [component]}).packages[0].scope == told


def test_nulls_and_nothing() -> None:
    assert read({"specVersion": "1.2", "components": None, "metadata": None}).packages == ()
    component = dict.fromkeys(["type", "group", "version", "purl", "licenses", "properties", "evidence"]) | {
        "name": "a"
    }
    assert read({"specVersion": "1.2", "components": [component]}).packages == ()
