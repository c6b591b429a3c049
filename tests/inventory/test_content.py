from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import content
from lading.oci.reader import TreeFile


def _file(data: bytes) -> TreeFile:
    return TreeFile("srv/x", len(data), data=data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"a\xc3\xa9", "a\u00e9", id="utf-8"),
        pytest.param(b"\xef\xbb\xbfa", "a", id="utf-8-mark"),
        pytest.param(b"\xff\xfea\0", "a", id="utf-16-le"),
        pytest.param(b"\xfe\xff\0a", "a", id="utf-16-be"),
        pytest.param(b"a\xffb", "a\ufffdb", id="bad-byte"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_text(data: bytes, text: str) -> None:
    assert content.text_of(_file(data)) == text


def test_spooled() -> None:
    file = TreeFile("srv/x", 3, spool=io.BytesIO(b"abc"))
    assert (content.data_of(file), content.data_of(file)) == (b"abc", b"abc")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"name": "a"}', id="plain"),
        pytest.param(b'\xef\xbb\xbf{"name": "a"}', id="mark"),
        pytest.param('\ufeff{"name": "a"}'.encode("utf-16-le"), id="utf-16"),
        pytest.param(b'{"name": "b", "name": "a"}', id="last-one-counts"),
        pytest.param(b'{"bad": "\xff", "name": "a"}', id="bad-byte-elsewhere"),
        pytest.param(b'{"bad\xff": 1, "name": "a"}', id="bad-byte-in-a-key"),
        pytest.param(b'{"big": 1e999, "name": "a"}', id="number-out-of-range"),
    ],
)
def test_json(data: bytes) -> None:
    assert content.json_value(content.json_object(data, "x")["name"]) == "a"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "x: not a JSON object", id="empty"),
        pytest.param(b"[1]", "x: not a JSON object", id="array"),
        pytest.param(b'{"a":', "x: not a JSON object", id="cut"),
        pytest.param(b"\xef\xbb\xbf", "x: not a JSON object", id="mark-only"),
        pytest.param(b"\xef\xbb\xbf" * 3, "x: not a JSON object", id="marks"),
        pytest.param(b"\xff\xfe", "x: not a JSON object", id="utf-16-mark-only"),
        pytest.param(b'{"a":' + b"[" * 10**6, "x: JSON nested too deeply", id="deep"),
    ],
)
def test_json_that_is_none(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        content.json_object(data, "x")


@pytest.mark.parametrize("raw", [None, b"", b"1e999", b'"\\ud800"', b"[" * 10**5], ids=repr)
def test_json_value_that_is_none(raw: bytes | None) -> None:
    assert (content.json_value(raw), content.json_members(raw), content.json_items(raw)) == (None, {}, [])


def test_toml() -> None:
    assert content.toml_of(_file(b'a.b = "' + b"." * 500 + b'"')) == {"a": {"b": "." * 500}}


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        pytest.param(b"a", MalformedError, "srv/x: not TOML: ", id="no-value"),
        pytest.param(b"a = " + b"9" * 10_000, MalformedError, "not TOML", id="number-of-many-digits"),
        pytest.param(b"a = " + b"[" * 100_000, MalformedError, "TOML nested too deeply", id="deep"),
        pytest.param(b".".join([b"a"] * 10**6) + b" = 1", LimitError, "keys too long", id="dotted"),
        pytest.param(b'"=".' + b".".join([b"a"] * 100) + b" = 1", LimitError, "keys", id="dotted-quoted"),
        pytest.param(b'"\\"".' + b".".join([b"a"] * 100) + b'."\\"" = 1', LimitError, "keys", id="escaped"),
        pytest.param(b"#" * (content.MAX_TOML_BYTES + 1), LimitError, "TOML too large", id="large"),
    ],
)
def test_toml_that_is_none(data: bytes, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message):
        content.toml_of(_file(data))


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("a: 1.0\nb: true", [{"a": "1.0", "b": "true"}], id="no-type-guessed"),
        pytest.param("a: [1, {b: c}]\n---\nd", [{"a": ["1", {"b": "c"}]}, "d"], id="documents"),
        pytest.param("? [a]\n: 1\n", [{"": "1"}], id="key-that-is-no-string"),
        pytest.param("!!python/object/apply:os.system [x]", [["x"]], id="tag-means-nothing"),
        pytest.param("a: {<<: {b: 1}}", [{"a": {"<<": {"b": "1"}}}], id="no-merging"),
    ],
)
def test_yaml(text: str, documents: list[object]) -> None:
    assert content.yaml_documents(_file(text.encode())) == documents


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        pytest.param("a: b: c", MalformedError, "srv/x: not YAML: mapping values", id="syntax"),
        pytest.param("\0", MalformedError, "not YAML", id="control-character"),
        pytest.param('"\\ud800"', MalformedError, "not YAML", id="surrogate"),
        pytest.param("%YAML 3.0\n--- a", MalformedError, "not YAML", id="version"),
        pytest.param("a: &x 1\nb: *x", MalformedError, "alias", id="alias"),
        pytest.param("&a [*a]", MalformedError, "alias", id="cycle"),
        pytest.param("[" * 10**6, LimitError, "deeply nested", id="flow"),
        pytest.param("- " * 10**6, LimitError, "deeply nested", id="block"),
        pytest.param("{a: " * 10**6, LimitError, "deeply nested", id="mappings"),
    ],
)
def test_yaml_that_is_none(text: str, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message):
        content.yaml_documents(_file(text.encode()))


def test_yaml_with_too_many_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MAX_YAML_NODES", 10)
    with pytest.raises(LimitError, match="too many"):
        content.yaml_documents(_file(b"[1,2,3,4,5,6,7,8,9]"))


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    file = _file(data)
    for parse in (content.toml_of, content.yaml_documents, lambda it: content.json_object(it.data, it.path)):
        with contextlib.suppress(LadingError):
            parse(file)


@pytest.mark.parametrize("value", [None, 1, "a", [1], {"a": 1}], ids=repr)
def test_narrowing(value: object) -> None:
    found = [content.fields(value), content.items(value), content.text(value)]
    assert [one for one in found if one] == ([value] if isinstance(value, (str, list, dict)) else [])


def test_json_value_with_bad_bytes() -> None:
    assert content.json_value(b'{"\xff": ["\xfe", 1]}') == {"\ufffd": ["\ufffd", 1]}
