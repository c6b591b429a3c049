from __future__ import annotations

import importlib.metadata

import pytest

import reading
from lading.errors import MalformedError
from lading.inventory.python_metadata import DIST_INFO, EGG_INFO, record_directory
from lading.model.package import Location, Package

SITE = "usr/lib/python3/site-packages"
HEAD = """\
Metadata-Version: 2.1
Name: Zope.Interface
Version: 5.4.0
License: ZPL 2.1
Classifier: License :: OSI Approved :: MIT License
Classifier: Topic :: Software Development
"""


def test_dist_info() -> None:
    path = f"{SITE}/zope.interface-5.4.0.dist-info/METADATA"
    assert reading.packages(DIST_INFO, path, HEAD) == [
        Package(
            type="pypi",
            name="zope-interface",
            version="5.4.0",
            licenses=("MIT",),
            locations=(Location(path),),
            key=f"{SITE}/zope.interface-5.4.0.dist-info",
            reader="python/dist-info",
        )
    ]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"{SITE}/six-1.egg-info/PKG-INFO", f"{SITE}/six-1.egg-info"),
        (f"{SITE}/six-1.egg-info", f"{SITE}/six-1.egg-info"),
        (f"{SITE}/six-1-py3.9.egg/EGG-INFO/PKG-INFO", f"{SITE}/six-1-py3.9.egg/EGG-INFO"),
    ],
)
def test_egg_info(path: str, key: str) -> None:
    found = reading.packages(EGG_INFO, path, HEAD)
    assert [(one.name, one.version, one.key) for one in found] == [("zope-interface", "5.4.0", key)]
    assert record_directory(path) == key


@pytest.mark.parametrize(
    ("text", "name", "version", "licenses"),
    [
        pytest.param("Name: a\r\nVersion: 1\r\n\r\nName: b", "a", "1", (), id="crlf"),
        pytest.param("\ufeffName: a\nVersion: 1", "a", "1", (), id="mark"),
        pytest.param("NAME: a\nversion:1", "a", "1", (), id="case-of-keys"),
        pytest.param("Name: a\nName: b\nVersion: 1", "a", "1", (), id="first-counts"),
        pytest.param("Name: a\nVersion: 1\n\nVersion: 2\nLicense: X", "a", "1", (), id="body"),
        pytest.param("Name: a\nVersion: 1\nLicense: X\n  Y\n", "a", "1", (), id="license-text"),
        pytest.param("Name: a\nVersion: 1\nLicense:\n   MIT\nSummary: b\n MIT", "a", "1", (), id="folded"),
        pytest.param("Name: a\nVersion: 1\nLicense-Expression: 0BSD", "a", "1", ("0BSD",), id="expression"),
        pytest.param("", "foo-bar", "1.0", (), id="empty"),
        pytest.param("Version: 2", "foo-bar", "2", (), id="name-from-directory"),
        pytest.param("Name: q\nVersion: one two", "q", "1.0", (), id="unfit-version"),
        pytest.param(": x\nName\n\tfolded nothing", "foo-bar", "1.0", (), id="no-fields"),
    ],
)
def test_head(text: str, name: str, version: str, licenses: tuple[str, ...]) -> None:
    [found] = reading.packages(DIST_INFO, f"{SITE}/Foo_Bar-1.0.dist-info/METADATA", text)
    assert (found.name, found.version, found.licenses) == (name, version, licenses)


def test_neither_file_nor_directory_tells() -> None:
    with pytest.raises(MalformedError, match=r"x\.egg-info: Python metadata without Name or Version"):
        reading.facts(EGG_INFO, "srv/x.egg-info", "Name: a")


def test_description_is_not_looked_at() -> None:
    text = HEAD + "\n" + "Name: x\nClassifier: License :: x\n" * 200_000
    [found] = reading.packages(DIST_INFO, f"{SITE}/a-1.dist-info/METADATA", text)
    assert (found.name, found.version, found.licenses) == ("zope-interface", "5.4.0", ("MIT",))


def test_the_packages_of_this_environment() -> None:
    seen = 0
    for distribution in importlib.metadata.distributions():
        text = distribution.read_text("METADATA")
        if text and distribution.files:
            directory = next(str(path.parent) for path in distribution.files if path.name == "METADATA")
            [found] = reading.packages(DIST_INFO, f"{SITE}/{directory}/METADATA", text)
            name = distribution.metadata["Name"].lower().replace("_", "-").replace(".", "-")
            assert (found.name, found.version) == (name, distribution.version)
            seen += 1
    assert seen > 10
