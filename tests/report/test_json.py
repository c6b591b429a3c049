from __future__ import annotations

import contextlib
import json
import unicodedata
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LimitError, MalformedError
from lading.model.package import Package
from lading.model.report import Report
from lading.report.format import Options
from lading.report.json import read
from lading.report.rendering import render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(200, 300),
}
PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"


def _stripped(package: Package) -> Package:
    return msgspec.structs.replace(package, key="", files=())


def test_the_keys_that_other_programs_rely_on() -> None:
    document = json.loads(render("json", factory.report()))
    assert list(document)[:1] == ["schema_version"]
    assert {"target", "image", "packages", "findings", "advisories"} <= set(document)
    assert {"digest", "os", "layers"} <= set(document["image"])
    for layer in document["image"]["layers"]:
        assert {"digest", "diff_id", "size", "created_by"} <= set(layer)
    for package in document["packages"]:
        assert {"purl", "name", "version", "type", "layer"} <= set(package)
    keys = {"id", "aliases", "package", "fixed_in", "severity", "impact", "kev", "epss", "status", "layer"}
    for finding in document["findings"]:
        assert keys <= set(finding)
        assert {"name", "version", "purl"} <= set(finding["package"])
    assert {"records", "modified", "digest"} <= set(document["advisories"]["Debian"])


def test_empty_values_of_those_keys_are_there_too() -> None:
    plain = Package(type="generic", name="a", version="1", key="internal")
    document = json.loads(render("json", factory.bare(packages=(plain,))))
    assert document["packages"] == [{"type": "generic", "name": "a", "version": "1", "purl": "", "layer": ""}]
    assert document["image"]["os"] is None


def test_files_only_on_request() -> None:
    report = factory.report()
    assert b"requests/api.py" not in render("json", report)
    files = json.loads(render("json", report, Options(files=True)))["packages"][3]["files"]
    assert files == ["app/requests/__init__.py", "app/requests/api.py"]


@pytest.mark.parametrize("name", REPORTS)
def test_the_same_bytes_again(name: str) -> None:
    assert render("json", REPORTS[name]) == render("json", REPORTS[name])


@pytest.mark.parametrize("name", ["small", "bare", "large"])
def test_read_gives_the_report_back(name: str) -> None:
    report = REPORTS[name]
    removed = tuple(msgspec.structs.replace(r, package=_stripped(r.package)) for r in report.removed)
    packages = tuple(_stripped(package) for package in report.packages)
    expected = msgspec.structs.replace(report, packages=packages, removed=removed)
    assert read(render("json", report)) == expected


def test_hostile_texts_come_back_but_for_surrogates() -> None:
    again = read(render("json", factory.hostile()))
    for text, package in zip(factory.HOSTILE, again.packages, strict=True):
        if any("\ud800" <= char <= "\udfff" for char in text):
            assert package.name.startswith("\\xff\\udc1b not UTF-8, \\ud800 half, \x00 nul")
        else:
            assert package.name == text


@pytest.mark.parametrize("name", REPORTS)
def test_the_bytes_are_safe_to_show(name: str) -> None:
    text = render("json", REPORTS[name]).decode()
    unsafe = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert unsafe == {"\n"}


@pytest.mark.parametrize("name", REPORTS)
def test_the_published_schema_describes_it(name: str) -> None:
    published = json.loads(PUBLISHED.read_bytes())
    jsonschema.Draft202012Validator.check_schema(published)
    for options in (Options(), Options(files=True)):
        jsonschema.validate(json.loads(render("json", REPORTS[name], options)), published)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "not a report", id="empty"),
        pytest.param(b"[]", "not a report", id="list"),
        pytest.param(b'{"schema_version": "1.0"}', "not a report", id="nothing-else"),
        pytest.param(b'{"schema_version": "2.0"}', "schema version '2.0'", id="later-major"),
        pytest.param(b'{"schema_version": 1}', "not a report", id="number"),
        pytest.param(b'{"schema_version": "\xff"}', "not a report", id="not-utf-8"),
        pytest.param(b"[" * 100_000, "not a report", id="deep"),
    ],
)
def test_read_refuses(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(data)


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lading.report.json.MAX_BYTES", 10)
    with pytest.raises(LimitError, match="over 10 bytes"):
        read(b"{" + b" " * 10)


def test_read_passes_over_what_a_later_minor_version_adds() -> None:
    document = json.loads(render("json", factory.report()))
    document["schema_version"] = "1.99"
    document["news"] = {"a": 1}
    document["findings"][0]["news"] = []
    assert read(json.dumps(document).encode()).findings == factory.report().findings


SMALL = render("json", factory.report())


@given(st.integers(0, len(SMALL) - 3))
@settings(max_examples=60)
def test_a_cut_report_is_refused(length: int) -> None:
    with pytest.raises(MalformedError, match="not a report"):
        read(SMALL[:length])


@given(st.binary(max_size=200))
def test_any_bytes_give_a_report_or_an_error(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        assert isinstance(read(data), Report)
