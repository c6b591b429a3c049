from __future__ import annotations

import json

import pytest

import imaging
import reading
from lading import inventory
from lading.advisories.ecosystem import Target, targets
from lading.errors import MalformedError
from lading.inventory.bitnami import BITNAMI
from lading.inventory.walked import read_image
from lading.model.package import Location, Package
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache

PATH = "opt/bitnami/apache/.spdx-apache.spdx"
TAGS = """SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
DocumentName: SPDX document for Redis(R) 7.4.1
SPDXID: SPDXRef-DOCUMENT
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-redis

PackageName: redis
SPDXID: SPDXRef-redis
PackageVersion: 7.4.1-0
PackageLicenseDeclared: RSALv2
ExternalRef: PACKAGE-MANAGER purl pkg:bitnami/redis@7.4.1-0?arch=arm64&distro=debian-12
"""


def _package(name: str, version: str, purl: str) -> dict[str, object]:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    return {
        "SPDXID": f"SPDXRef-{name.rpartition('/')[2]}",
        "name": name,
        "versionInfo": version,
        "licenseDeclared": "Apache-2.0",
        "externalRefs": [reference],
    }


def _json(*packages: dict[str, object]) -> str:
    return json.dumps({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-x", "name": "x", "packages": packages})


DOCUMENT = _json(
    _package("apr", "1.7.5", "pkg:bitnami/apr@1.7.5?arch=amd64&distro=debian-12"),
    _package("apache", "2.4.62-3", "pkg:bitnami/apache@2.4.62-3?arch=amd64&distro=debian-12"),
    _package("stdlib", "1.22.7", "pkg:golang/stdlib@1.22.7"),
    {"SPDXID": "SPDXRef-file", "name": "opt/bitnami/common/bin/render-template"},
)


def test_components() -> None:
    found = reading.packages(BITNAMI, PATH, DOCUMENT)
    assert [(one.name, one.version) for one in found] == [("apr", "1.7.5"), ("apache", "2.4.62-3")]
    assert found[1] == Package(
        type="bitnami",
        name="apache",
        version="2.4.62-3",
        purl="pkg:bitnami/apache@2.4.62-3?arch=amd64&distro=debian-12",
        arch="amd64",
        licenses=("Apache-2.0",),
        locations=(Location(PATH),),
        key=f"{PATH}:apache",
        reader="bitnami/spdx",
    )


def test_tag_value() -> None:
    assert [one.version for one in reading.packages(BITNAMI, PATH, TAGS)] == ["7.4.1-0"]


def test_no_bill_of_materials() -> None:
    with pytest.raises(MalformedError, match="neither CycloneDX nor SPDX") as raised:
        reading.facts(BITNAMI, PATH, "redis 7.4.1")
    assert raised.value.where == PATH


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        pytest.param("2.4.62-3", "2.4.62", id="build"),
        pytest.param("14.4.2-r4", "14.4.2", id="build-with-r"),
        pytest.param("2.4.62", "2.4.62", id="none"),
        pytest.param("9.0.0-rc.1", "9.0.0-rc.1", id="pre-release"),
    ],
)
def test_advisories_are_asked_for_the_version_that_was_built(version: str, asked: str) -> None:
    package = Package(type="bitnami", name="apache", version=version, ecosystem="Bitnami")
    assert targets(package) == [Target("Bitnami", "", "apache", asked)]


def test_in_an_image_beside_the_distribution_s() -> None:
    tree: imaging.Tree = {
        "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
        "var/lib/dpkg/status": b"Package: a\nStatus: install ok installed\nVersion: 1\n",
        "opt/bitnami/redis/.spdx-redis.spdx": TAGS.encode(),
        "opt/bitnami/common/.spdx-apache.spdx": DOCUMENT.encode(),
    }
    with FactCache(None, "") as cache:
        found = read_image(imaging.image(tree), Dispatch(inventory.READERS), cache).contents.packages
    assert [(one.name, one.ecosystem) for one in found] == [
        ("apache", "Bitnami"),
        ("apr", "Bitnami"),
        ("redis", "Bitnami"),
        ("a", "Debian:12"),
    ]
