from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest
from packaging.licenses._spdx import LICENSES
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from lading.model.report import Report
from lading.report.rendering import render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(150, 10),
}


def sbom(report: Report) -> Any:  # noqa: ANN401 -- JSON
    document = json.loads(render("spdx", report))
    parser: Any = JsonLikeDictParser
    logging.disable()
    try:
        messages = validate_full_spdx_document(parser().parse(document))
    finally:
        logging.disable(logging.NOTSET)
    assert [message.validation_message for message in messages] == []
    return document


@pytest.mark.parametrize("name", REPORTS)
def test_the_official_library_accepts_it(name: str) -> None:
    document = sbom(REPORTS[name])
    ids = [one["SPDXID"] for one in document["packages"]]
    assert len(ids) == len(set(ids))
    related = [one["relatedSpdxElement"] for one in document["relationships"]]
    assert sorted(related) == sorted(ids)


def test_a_package() -> None:
    told = sbom(factory.report())["packages"][2]
    assert told.pop("SPDXID").startswith("SPDXRef-Package-deb-libssl3-")
    assert told == {
        "name": "libssl3",
        "versionInfo": "3.0.11-1~deb12u1",
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "LIBRARY",
        "sourceInfo": "found in var/lib/dpkg/status",
        "comment": f"type: deb\nlayer: {factory.digest(101)}\nsource: openssl\narch: amd64",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": "pkg:deb/debian/libssl3@3.0.11-1~deb12u1",
            }
        ],
    }


@pytest.mark.parametrize(
    ("names", "told"),
    [
        pytest.param((), "NOASSERTION", id="none"),
        pytest.param(("mit",), "MIT", id="identifier"),
        pytest.param(("MIT OR Apache-2.0",), "MIT OR Apache-2.0", id="expression"),
        pytest.param(("MIT OR Apache-2.0", "ISC"), "(MIT OR Apache-2.0) AND ISC", id="all"),
        pytest.param(("GPL-2+", "GPL-2.0-or-later"), "GPL-2.0-or-later", id="once"),
        pytest.param(("GPL-2.0+",), "GPL-2.0-or-later", id="deprecated"),
        pytest.param(
            ("GPL-2.0-only WITH Classpath-exception-2.0",),
            "GPL-2.0-only WITH Classpath-exception-2.0",
            id="exception",
        ),
    ],
)
def test_licenses_that_spdx_knows(names: tuple[str, ...], told: str) -> None:
    document = sbom(factory.report(packages=(factory.package(licenses=names),)))
    assert document["packages"][2]["licenseDeclared"] == told
    assert document["hasExtractedLicensingInfos"] == []


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        pytest.param("Apache 2.0", "Apache-2.0-", id="spaces"),
        pytest.param("public-domain", "public-domain-", id="debian"),
        pytest.param("漢字", "", id="nothing-readable"),
        pytest.param("</script>\x1b[31m" * 100, "script-31m-script", id="hostile"),
    ],
)
def test_licenses_that_only_the_package_knows(name: str, readable: str) -> None:
    document = sbom(factory.report(packages=(factory.package(licenses=(name, "MIT")),)))
    reference, _, rest = document["packages"][2]["licenseDeclared"].partition(" AND ")
    assert rest == "MIT"
    assert reference.startswith(f"LicenseRef-lading-{readable}")
    assert [one["licenseId"] for one in document["hasExtractedLicensingInfos"]] == [reference]


def test_a_reference_within_an_expression_is_explained() -> None:
    document = sbom(factory.report(packages=(factory.package(licenses=("MIT OR LicenseRef-Own.1",)),)))
    assert document["packages"][2]["licenseDeclared"] == "MIT OR LicenseRef-Own.1"
    assert [one["licenseId"] for one in document["hasExtractedLicensingInfos"]] == ["LicenseRef-Own.1"]


def test_every_identifier_of_the_licence_list_is_known_to_the_library() -> None:
    # The library takes identifiers such as `MPL-2.0-no-copyleft-exception` for exceptions.
    ids = [key for key, one in LICENSES.items() if not one["deprecated"] and "exception" not in key]
    packages = tuple(factory.package(f"p{n}", licenses=(id_,)) for n, id_ in enumerate(ids))
    sbom(factory.report(packages=packages, findings=(), suppressed=()))


def test_the_same_package_twice() -> None:
    sbom(factory.report(packages=(factory.package(), factory.package())))


def test_the_namespace_follows_from_the_content() -> None:
    report = factory.report()
    assert render("spdx", report) == render("spdx", report)
    other = msgspec.structs.replace(report, target="other")
    assert sbom(report)["documentNamespace"] != sbom(other)["documentNamespace"]


@pytest.mark.parametrize("number", range(len(factory.HOSTILE)), ids=str)
def test_hostile_targets(number: int) -> None:
    sbom(factory.report(target=factory.HOSTILE[number]))
