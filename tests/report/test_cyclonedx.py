from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.licenses._spdx import LICENSES

from lading.model.finding import Suppression
from lading.model.package import Package
from lading.model.report import Report
from lading.report.format import Options
from lading.report.rendering import render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(300, 300),
}
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


def bom(report: Report, **options: Any) -> Any:  # noqa: ANN401 -- JSON
    data = render("cyclonedx", report, Options(**options))
    assert VALIDATOR.validate_str(data.decode()) is None
    return json.loads(data)


@pytest.mark.parametrize("name", REPORTS)
def test_the_official_schema_accepts_it(name: str) -> None:
    document = bom(REPORTS[name], files=True)
    refs = [one["bom-ref"] for one in [document["metadata"]["component"], *document["components"]]]
    assert len(refs) == len(set(refs))
    (dependencies,) = document["dependencies"]
    assert dependencies == {"ref": refs[0], "dependsOn": refs[1:]}


def test_a_component() -> None:
    assert bom(factory.report())["components"][1] == {
        "type": "library",
        "bom-ref": "pkg:deb/debian/libssl3@3.0.11-1~deb12u1",
        "name": "libssl3",
        "version": "3.0.11-1~deb12u1",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": "pkg:deb/debian/libssl3@3.0.11-1~deb12u1",
        "evidence": {"occurrences": [{"location": "var/lib/dpkg/status"}]},
        "properties": [
            {"name": "lading:type", "value": "deb"},
            {"name": "lading:layer", "value": factory.digest(101)},
            {"name": "lading:layer:digest", "value": factory.digest(1)},
            {"name": "lading:source:name", "value": "openssl"},
            {"name": "lading:arch", "value": "amd64"},
        ],
    }


def test_the_operating_system_is_a_component() -> None:
    system = bom(factory.report())["components"][0]
    assert (system["type"], system["name"], system["version"]) == ("operating-system", "debian", "12")
    assert {"name": "lading:codename", "value": "bookworm"} in system["properties"]


def test_vulnerabilities() -> None:
    document = bom(factory.report())
    by_id = {one["id"]: one for one in document["vulnerabilities"]}
    assert list(by_id) == [
        "CVE-2022-3602",
        "CVE-2018-18074",
        "CVE-2024-5535",
        "CVE-2024-0001",
        "CVE-2019-1563",
    ]
    worst = by_id["CVE-2022-3602"]
    assert worst["ratings"] == [
        {
            "score": 9.8,
            "severity": "critical",
            "method": "CVSSv31",
            "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        }
    ]
    assert worst["cwes"] == [120, 787]
    assert worst["recommendation"] == "Update to 3.0.15-1~deb12u1"
    assert {"name": "lading:kev", "value": "true"} in worst["properties"]
    assert [one["ref"] for one in by_id["CVE-2024-5535"]["affects"]] == [
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u1",
        "pkg:deb/debian/openssl@3.0.11-1~deb12u1",
    ]
    assert "analysis" not in worst


@pytest.mark.parametrize(
    ("status", "analysis"),
    [
        pytest.param("", {"state": "exploitable", "response": ["will_not_fix"]}, id="accepted-risk"),
        pytest.param("not_affected", {"state": "not_affected"}, id="not-affected"),
        pytest.param("fixed", {"state": "resolved"}, id="fixed"),
        pytest.param("nonsense", {"state": "exploitable", "response": ["will_not_fix"]}, id="unknown"),
    ],
)
def test_what_is_set_aside_is_analysed(status: str, analysis: dict[str, object]) -> None:
    held = Suppression(source="vex.json", reason="r", vex_status=status)
    document = bom(factory.report(findings=(), suppressed=(factory.finding(suppression=held),)))
    (told,) = document["vulnerabilities"]
    detail = told["analysis"].pop("detail")
    assert told["analysis"] == analysis
    assert "(vex.json)" in detail


@pytest.mark.parametrize(
    ("names", "told"),
    [
        pytest.param(("mit",), [{"license": {"id": "MIT"}}], id="identifier"),
        pytest.param(("MIT OR Apache-2.0",), [{"expression": "MIT OR Apache-2.0"}], id="expression"),
        pytest.param(("GPL-2+",), [{"license": {"id": "GPL-2.0-or-later"}}], id="debian"),
        pytest.param(("LGPL-2.1",), [{"license": {"id": "LGPL-2.1-only"}}], id="debian-minor"),
        pytest.param(("Apache 2.0",), [{"license": {"name": "Apache 2.0"}}], id="name"),
        pytest.param(
            ("MIT", "MIT OR Apache-2.0", "Own"),
            [
                {"license": {"id": "MIT"}},
                {"license": {"name": "MIT OR Apache-2.0"}},
                {"license": {"name": "Own"}},
            ],
            id="no-mixture",
        ),
        pytest.param(("LicenseRef-x",), [{"expression": "LicenseRef-x"}], id="reference"),
        pytest.param(("(" * 300,), [{"license": {"name": "(" * 300}}], id="deep"),
        pytest.param(("", " "), [], id="empty"),
    ],
)
def test_licenses(names: tuple[str, ...], told: list[object]) -> None:
    package = factory.package(licenses=names)
    assert bom(factory.report(packages=(package,), findings=()))["components"][1].get("licenses", []) == told


def test_every_identifier_of_the_licence_list_is_known_to_the_format() -> None:
    packages = tuple(
        factory.package(f"p{n}", licenses=(one["id"],)) for n, one in enumerate(LICENSES.values())
    )
    bom(factory.report(packages=packages, findings=(), suppressed=()))


def test_the_same_package_twice() -> None:
    twice = (factory.package("a", layer="x"), factory.package("a", layer="y"))
    findings = tuple(factory.finding("CVE-1", package) for package in twice)
    document = bom(factory.report(packages=twice, findings=findings, suppressed=()))
    refs = [one["bom-ref"] for one in document["components"][1:]]
    assert refs == ["pkg:deb/debian/a@3.0.11-1~deb12u1", "pkg:deb/debian/a@3.0.11-1~deb12u1|2"]
    assert [one["ref"] for one in document["vulnerabilities"][0]["affects"]] == refs


def test_the_serial_number_follows_from_the_content() -> None:
    report = factory.report()
    assert render("cyclonedx", report) == render("cyclonedx", report)
    other = msgspec.structs.replace(report, target="other")
    assert bom(report)["serialNumber"] != bom(other)["serialNumber"]


@pytest.mark.parametrize(
    ("asked", "stated", "told"),
    [
        pytest.param("2020-01-02T03:04:05Z", "2021-01-01T00:00:00Z", "2020-01-02T03:04:05Z", id="asked"),
        pytest.param("", "2021-01-01T00:00:00.123456789Z", "2021-01-01T00:00:00Z", id="fraction"),
        pytest.param("", "", "1970-01-01T00:00:00Z", id="none"),
        pytest.param("", "\x1b[31m", "1970-01-01T00:00:00Z", id="hostile"),
        pytest.param("", "2021-13-01T00:00:00Z", "1970-01-01T00:00:00Z", id="no-such-month"),
    ],
)
def test_the_time(asked: str, stated: str, told: str) -> None:
    image = msgspec.structs.replace(factory.image(), created=stated)
    document = bom(factory.report(image=image), created=asked)
    assert document["metadata"]["timestamp"] == told


def test_files_on_request() -> None:
    files = bom(factory.report(), files=True)["components"][4]["components"]
    assert [one["name"] for one in files] == ["app/requests/__init__.py", "app/requests/api.py"]


def test_two_thousand_packages_take_no_time() -> None:
    report = factory.large()
    render("cyclonedx", report)


def test_a_package_without_a_purl() -> None:
    plain = Package(type="generic", name="a", version="")
    document = bom(factory.bare(packages=(plain,), findings=(factory.finding("CVE-1", plain),)))
    assert document["components"][0]["bom-ref"] == "generic:a@"
    assert document["vulnerabilities"][0]["affects"] == [{"ref": "generic:a@"}]
