"""What holds for every format."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lading.errors import UsageError
from lading.lint import checking
from lading.lint.output import FORMATS, load
from lading.lint.output.format import Linted, Look
from lint.output.samples import hostile, linted, rendered


def test_nothing_found() -> None:
    clean = linted("FROM a\n", rules=())
    assert rendered("text", clean) == rendered("github", clean) == rendered("codeclimate", clean) == ""
    assert json.loads(rendered("json", clean)) == json.loads(rendered("gitlab", clean)) == []
    for name in FORMATS:
        load(name).render((), Look())


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_steers_the_terminal_or_the_reader(name: str) -> None:
    out = rendered(name, hostile())
    assert {char for char in out if not char.isprintable()} <= {"\n", "\0"}
    if name in {"json", "gitlab", "sarif"}:
        json.loads(out)
    elif name in {"checkstyle", "junit"}:
        ET.fromstring(out)
    elif name == "github":
        assert out.count("\n") == 1


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.binary(max_size=60))
@hypothesis_settings(max_examples=25, deadline=None)
def test_any_bytes(name: str, data: bytes) -> None:
    outcome = checking.check(data, "x")
    held = Linted("x", outcome.file.source, outcome.findings, outcome.suppressed)
    out = load(name).render((held,), Look(width=30)).decode()
    if name in {"checkstyle", "junit"}:
        ET.fromstring(out)


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="no such format: 'yaml'"):
        load("yaml")


@pytest.mark.parametrize("name", FORMATS)
def test_names_are_those_of_the_list(name: str) -> None:
    assert load(name).name == name
