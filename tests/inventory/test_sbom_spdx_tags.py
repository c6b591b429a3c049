from __future__ import annotations

import pytest

from lading.errors import LimitError
from lading.inventory import sbom_spdx_tags
from lading.inventory.sbom_package import SbomContents
from lading.model.package import Package

DOCUMENT = """\
SPDXVersion: SPDX-2.2
DataLicense: CC0-1.0
DocumentName: web
# a comment

PackageName: debian
PackageVersion: 12
PrimaryPackagePurpose: OPERATING-SYSTEM

PackageName: libssl3
SPDXID: SPDXRef-1
PackageVersion: 3.0.11-1
PackageLicenseDeclared: LicenseRef-own
PackageComment: <text>type: deb
source: openssl
</text>
ExternalRef: SECURITY cpe23Type cpe:2.3:a:x
ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12

FileName: ./a
PackageVersion: 99
FileComment: <text>PackageName: not a package
PackageName: nor this</text>

PackageName: a
ExternalRef: PACKAGE_MANAGER purl pkg:npm/a@1

LicenseID: LicenseRef-own
ExtractedText: <text>Do what
you like</text>
LicenseName: Own licence
"""


def read(text: str) -> SbomContents:
    return sbom_spdx_tags.read(text.encode(), "x")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_document(end: str) -> None:
    contents = read(DOCUMENT.replace("\n", end))
    assert contents.packages == (
        Package(
            type="deb",
            name="libssl3",
            version="3.0.11-1",
            purl="pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12",
            source_name="openssl",
            source_version="3.0.11-1",
            licenses=("Own licence",),
            reader="sbom/spdx",
        ),
        Package(type="npm", name="a", version="1", purl="pkg:npm/a@1", reader="sbom/spdx"),
    )
    assert contents.os is not None
    assert (contents.name, contents.format) == ("web", "SPDX 2.2")


def test_packages_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom_spdx_tags, "MAX_COMPONENTS", 2)
    with pytest.raises(LimitError, match="more than 2 packages"):
        read(DOCUMENT)


def test_texts_without_an_end_take_no_time() -> None:
    assert read("SPDXVersion: SPDX-2.3\n" + "PackageName: <text>\n" * 200_000).packages == ()
    many = "ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n" * 100_000
    assert len(read("SPDXVersion: SPDX-2.3\nPackageName: a\n" + many).packages) == 1
