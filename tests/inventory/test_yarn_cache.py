from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reading
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import yarn_cache
from lading.inventory.yarn_cache import YARN_CACHE
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

PATH = "app/.yarn/cache/@s-a-npm-1.0.0-0123456789-0123456789.zip"


def _zip(members: Mapping[str, str], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def _json(name: str, version: str = "1.0.0") -> str:
    return json.dumps({"name": name, "version": version, "license": "MIT"})


OWN = {"node_modules/@s/a/index.js": "", "node_modules/@s/a/package.json": _json("@s/a")}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_package_of_an_archive(method: int) -> None:
    folder = f"{PATH}!/node_modules/@s/a"
    assert reading.facts(YARN_CACHE, PATH, _zip(OWN, method)) == [
        Package(
            type="npm",
            name="@s/a",
            version="1.0.0",
            licenses=("MIT",),
            locations=(Location(f"{folder}/package.json"),),
            key=folder,
            reader="node/yarn-cache",
        )
    ]


def test_what_is_bundled_counts_and_test_data_does_not() -> None:
    members = {
        **OWN,
        "node_modules/@s/a/node_modules/b/package.json": _json("b", "2.0.0"),
        "node_modules/@s/a/dist/package.json": '{"type": "module"}',
        "node_modules/@s/a/test/fixtures/c/package.json": _json("c"),
        "package.json": _json("outside"),
    }
    found = [one for one in reading.facts(YARN_CACHE, PATH, _zip(members)) if isinstance(one, Package)]
    assert [f"{one.name} {one.version}" for one in found] == ["@s/a 1.0.0", "b 2.0.0"]


def test_no_archive() -> None:
    assert reading.facts(YARN_CACHE, PATH, b"version https://git-lfs.github.com/spec/v1\n") == []


def test_broken() -> None:
    with pytest.raises(MalformedError, match="cut off") as raised:
        reading.facts(YARN_CACHE, PATH, _zip(OWN)[:-9])
    assert raised.value.where == PATH


def test_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yarn_cache, "MAX_BYTES", 1500)
    members = {**OWN, "node_modules/@s/a/x/package.json": "{}"}
    with pytest.raises(LimitError, match=r"of package\.json"):
        reading.facts(YARN_CACHE, PATH, _zip(members))


@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    whole = bytearray(_zip(OWN, zipfile.ZIP_DEFLATED))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = list(YARN_CACHE.read(TreeFile(PATH, len(whole), data=bytes(whole))))
    except LadingError:
        return
    assert all(isinstance(one, Package) for one in found)
