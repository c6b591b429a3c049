from __future__ import annotations

import pytest

from lading.errors import LadingError, MalformedError, UnavailableError
from lading.lint import pins_index
from lading.lint.pins_bases import Bases
from lading.lint.pins_fetch import Fetch
from lading.lint.pins_index import Index, gathered, highest
from lading.lint.pins_release import Release
from lading.oci.reference import Reference, parse
from lint.index_site import client

BOOKWORM = Release("debian", "12", "bookworm")


def index(base: str, release: Release | None = None, tell: object = None) -> Index:
    return Index(Fetch(client), Bases(), "amd64", parse(base), release, tell)  # type: ignore[arg-type]  # None, or a function of the test


def test_the_release_that_the_name_tells() -> None:
    assert index("debian:12", BOOKWORM).needs(["debian"]) == BOOKWORM


def test_the_release_that_the_registry_tells() -> None:
    asked = []

    def tell(reference: Reference) -> Release | None:
        asked.append(str(reference))
        return BOOKWORM

    assert index("python:3.12", None, tell).needs(["debian", "ubuntu"]) == BOOKWORM
    assert asked == ["docker.io/library/python:3.12"]


@pytest.mark.parametrize(
    ("tell", "said"),
    [
        (None, "cannot tell the release of the base image docker.io/library/python:3.12"),
        (lambda _reference: None, "cannot tell the release of the base image docker.io/library/python:3.12"),
        (lambda _reference: _fail(), r"cannot tell .* docker.io/library/python:3.12: r: no answer"),
    ],
)
def test_a_release_that_nobody_tells(tell: object, said: str) -> None:
    with pytest.raises(UnavailableError, match=f"^{said}$") as raised:
        index("python:3.12", None, tell).needs(["debian"])
    assert "python:3.12-bookworm" in raised.value.hint


def _fail() -> Release:
    raise UnavailableError("no answer", "r")


def test_highest() -> None:
    tables = [{"a": "1.9", "b": "\u00e9"}, {"a": "1.10", "b": "1"}, {}, {"b": "\u00fc"}]
    assert [highest(name, tables, "dpkg") for name in "abc"] == ["1.10", "1", ""]
    assert highest("b", [{"b": "1"}, {"b": "\u00e9"}], "dpkg") == "1"


def test_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("a", "1.2-r0"), ("b", "1-r0"), ("a", "1.10-r0"), ("a", "1.9-r0")]
    assert gathered(pairs, "apk", "x") == {"a": "1.10-r0", "b": "1-r0"}
    monkeypatch.setattr(pins_index, "MAX_PACKAGES", 3)
    with pytest.raises(MalformedError, match="x: more than 3 packages in the index") as raised:
        gathered(pairs, "apk", "x")
    assert isinstance(raised.value, LadingError)
