"""What stages hand on by name."""

from __future__ import annotations

import pytest

from lading.dockerfile.parse import parse
from lading.lint.by_name import ByName, image_name


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("debian", "debian"),
        ("debian:12", "debian"),
        ("debian@sha256:00", "debian"),
        ("reg.example/team/app:1", "team/app"),
        ("reg:5000/app:1@sha256:00", "app"),
        ("localhost/app:1", "localhost/app"),
        ("team/app", "team/app"),
        ("", ""),
    ],
)
def test_the_name_is_without_registry_tag_and_digest(reference: str, name: str) -> None:
    assert image_name(reference) == name


@pytest.mark.parametrize(
    ("text", "has"),
    [
        pytest.param("FROM a AS b\nFROM b", True, id="stage"),
        pytest.param("FROM a:1\nFROM a:2", True, id="image of the same name"),
        pytest.param("FROM a\nFROM b", False, id="another image"),
        pytest.param("FROM a AS b\nFROM a", False, id="image below the stage"),
    ],
)
def test_what_the_first_stage_has_is_handed_on(text: str, *, has: bool) -> None:
    first, second = parse(text).stages
    known = ByName()
    known.begin(first.base)
    assert not known.has
    known.note()
    assert known.has
    known.begin(second.base)
    assert known.has is has
