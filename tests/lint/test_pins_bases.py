from __future__ import annotations

import pytest

from lading.lint import pins_bases
from lading.lint.pins_bases import Bases
from lading.record import replace, values


def test_public_defaults_are_urls_without_a_slash() -> None:
    urls = values(Bases()).values()
    assert [one for one in urls if not one.startswith(("https://", "http://")) or one.endswith("/")] == []


def test_mirrors_take_the_place_of_some() -> None:
    mirrors = {"debian-security": "https://m.example/s", "npm": "http://n.example"}
    expected = replace(Bases(), debian_security="https://m.example/s", npm="http://n.example")
    assert pins_bases.at(mirrors) == expected
    assert pins_bases.at({}) == Bases()


def test_every_index_can_have_one() -> None:
    urls = {name: f"https://{name}.example" for name in pins_bases.NAMES}
    assert set(values(pins_bases.at(urls)).values()) == set(urls.values())
    with pytest.raises(TypeError, match="conda"):
        pins_bases.at({"conda": "https://c.example"})
