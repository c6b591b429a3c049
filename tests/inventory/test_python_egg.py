from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reading
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import python_egg
from lading.inventory.python_egg import EGG
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

PATH = "usr/lib/python3/site-packages/Zope.Interface-5.4.0-py3.11.egg"


def _egg(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "-"), text)
    return out.getvalue()


PLAIN = _egg(zope__x="", EGG_INFO__PKG_INFO="Name: zope.interface\nVersion: 5.4\nLicense: MIT\n")
FOUND = Package(
    type="pypi",
    name="zope-interface",
    version="5.4",
    licenses=("MIT",),
    locations=(Location(PATH),),
    key=PATH,
    reader="python/egg",
)


def test_egg() -> None:
    assert reading.packages(EGG, PATH, PLAIN) == [FOUND]


def test_spooled() -> None:
    assert list(EGG.read(TreeFile(PATH, len(PLAIN), spool=io.BytesIO(PLAIN)))) == [FOUND]


def test_without_metadata_its_name_tells() -> None:
    [found] = reading.packages(
        EGG, PATH, _egg(zope__x="", deeper__EGG_INFO__PKG_INFO="Name: other\nVersion: 1")
    )
    assert (found.name, found.version) == ("zope-interface", "5.4.0")


@pytest.mark.parametrize("data", [b"", b"PK", b"an egg", b"\x7fELF"])
def test_no_archive(data: bytes) -> None:
    assert reading.facts(EGG, "srv/breakfast.egg", data) == []


@pytest.mark.parametrize(
    ("path", "data", "error", "message"),
    [
        pytest.param(PATH, PLAIN[:-30], MalformedError, r"11\.egg: no zip archive", id="cut"),
        pytest.param("srv/x.egg", _egg(a="b"), MalformedError, r"srv/x\.egg: Python metadata without", id="nameless"),
        pytest.param(PATH, _egg(EGG_INFO__PKG_INFO="x" * 2_000_000), LimitError, r"11\.egg: ", id="bomb"),
    ],
)  # fmt: skip
def test_broken(path: str, data: bytes, error: type[LadingError], message: str) -> None:
    assert python_egg.MAX_PKG_INFO_BYTES < 2_000_000
    with pytest.raises(error, match=message):
        reading.facts(EGG, path, data)


def test_truncated_and_changed_at_every_byte() -> None:
    for at in range(len(PLAIN)):
        reading.survives(EGG, PATH, PLAIN[:at])
        reading.survives(EGG, PATH, PLAIN[:at] + bytes([PLAIN[at] ^ 0xFF]) + PLAIN[at + 1 :])


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    reading.survives(EGG, PATH, b"PK\3\4" + data)
