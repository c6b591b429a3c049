from __future__ import annotations

import json
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.report import document


class _Record(msgspec.Struct):
    name: str
    values: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(
            {"b": 1, "a": [True, None]},
            '{\n  "b": 1,\n  "a": [\n    true,\n    null\n  ]\n}\n',
            id="as-given",
        ),
        pytest.param(_Record("é漢"), '{\n  "name": "é漢",\n  "values": []\n}\n', id="record"),
        pytest.param("\x1b\x7f\x9b", '"\\u001b\\u007f\\u009b"\n', id="controls"),
        pytest.param("\u202e\u2066\ufeff\u2028", '"\\u202e\\u2066\\ufeff\\u2028"\n', id="format-characters"),
        pytest.param("\U000e0041", '"\\udb40\\udc41"\n', id="beyond-the-basic-plane"),
        pytest.param("caf\udce9", '"caf\\\\xe9"\n', id="byte-that-is-not-utf-8"),
        pytest.param({"\ud800": _Record("a", ("\udcff",))}, None, id="surrogates-anywhere"),
    ],
)
def test_write(value: object, written: str | None) -> None:
    data = document.write(value).decode()
    assert data == written if written else json.loads(data) == {"\\ud800": {"name": "a", "values": ["\\xff"]}}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_parser_undoes_the_escapes(text: str) -> None:
    data = document.write([text])
    assert json.loads(data) == [text]
    assert not {unicodedata.category(char) for char in data.decode()} & {"Cf", "Zl", "Zp", "Co"}


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    json.loads(document.write({text: text}))
