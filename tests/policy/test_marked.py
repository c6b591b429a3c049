from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.policy import marked
from lading.policy.marked import Fields, Items, Text


def test_values_know_their_lines() -> None:
    root = marked.parse(b"# c\na: no\nb:\n  - 2026-01-31\n  - ~\n  - '~'\n", "f")
    b = Items(4, [Text("2026-01-31", 4), Text(None, 5), Text("~", 6)])
    assert root == Fields(2, {"a": Text("no", 2), "b": b}, {"a": 2, "b": 3})


@pytest.mark.parametrize("data", [b"", b"# only a comment\n", b"---\n", b"\xef\xbb\xbf", b"~", b"null\n"])
def test_empty(data: bytes) -> None:
    assert marked.is_null(marked.parse(data, "f"))


def test_alias_and_string_tag() -> None:
    root = marked.parse(b"a: &x [1]\nb: *x\nc: !!str 5\n", "f")
    assert isinstance(root, Fields)
    assert root.values["b"] == Items(1, [Text("1", 1)])
    assert root.values["c"] == Text("5", 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\nb: [\n", "^f:3: not YAML: ", id="syntax"),
        pytest.param("a: 1\n\tb: 2\n", "^f:2: not YAML: ", id="tab"),
        pytest.param("a: 1\nb: 2\na: 3\n", "^f:3: key 'a' was given in line 1 already$", id="duplicate"),
        pytest.param("a: 1\n---\nb: 1\n", "^f:3: a second document begins here$", id="second-document"),
        pytest.param("a: !!python/object:os.x {}\n", "^f:1: a tag has no place here$", id="object"),
        pytest.param("a: !x y\n", "^f:1: a tag has no place here$", id="own-tag"),
        pytest.param("a: *x\n", r"^f:1: alias \*x has no anchor above", id="unknown-alias"),
        pytest.param("a: &x\n  - *x\n", r"^f:2: alias \*x has no anchor above", id="own-alias"),
        pytest.param("? [a]\n: b\n", "^f:1: a key must be a plain word$", id="list-as-key"),
        pytest.param("~: b\n", "^f:1: a key must be a plain word$", id="null-as-key"),
        pytest.param("a: \x07\n", "^f: not YAML: ", id="control-character"),
    ],
)
def test_malformed(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        marked.parse(text.encode(), "f")


def test_not_utf8_names_the_line() -> None:
    with pytest.raises(MalformedError, match=r"^f:2: not UTF-8$"):
        marked.parse(b"a: 1\nb: \xff\n", "f")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"a" * (2**20 + 1), "larger than 1048576 bytes", id="size"),
        pytest.param(b"[" * 200_000, "nested more than 20 deep", id="depth"),
        pytest.param(b"{a: " * 100_000, "nested more than 20 deep", id="depth-of-mappings"),
        pytest.param(b"- a\n" * 200_001, "more than 200000 values", id="values"),
        pytest.param(
            b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
            + b"".join(
                b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 9)
            ),
            "more than 200000 values, aliases counted",
            id="alias-bomb",
        ),
    ],
)
def test_limits(data: bytes, message: str) -> None:
    with pytest.raises(LimitError, match=message):
        marked.parse(data, "f")


def test_works_without_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert marked.parse(b"a: [b, &x c, *x]\n", "f") == Fields(
        1, {"a": Items(1, [Text("b", 1), Text("c", 1), Text("c", 1)])}, {"a": 1}
    )
    with pytest.raises(LimitError, match="nested more than 20 deep"):
        marked.parse(b"[" * 200_000, "f")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param("- a\n", "^f:1: a thing must be a mapping with the keys size, colour$", "", id="list"),
        pytest.param("x", "^f:1: a thing must be a mapping", "", id="text"),
        pytest.param("size: 1\ncolor: 2\n", "^f:2: unknown key 'color'$", "did you mean colour?", id="near"),
        pytest.param("weight: 1\n", "^f:1: unknown key 'weight'$", "known are size, colour", id="far"),
    ],
)
def test_fields(text: str, message: str, hint: str) -> None:
    with pytest.raises(MalformedError, match=message) as caught:
        marked.fields(marked.parse(text.encode(), "f"), "f", "a thing", ("size", "colour"))
    assert caught.value.hint == hint


@pytest.mark.parametrize("value", ["", "~", "''", "' '", "[]", "[a, ~]", "{a: b}", "[[a]]", "a" * 4097])
def test_texts_refuses(value: str) -> None:
    root = marked.parse(f"k: {value}\n".encode(), "f")
    assert isinstance(root, Fields)
    with pytest.raises(MalformedError, match=r"^f:1: k (must be text, and not empty|is longer than 4096)"):
        marked.texts(root, "k", "f")


@given(st.text(":-[]{}&*!|>'\"#%@, \n\tab?~", max_size=30))
def test_any_text_gives_a_value_or_an_error(text: str) -> None:
    _parse(text.encode())


@given(st.binary(max_size=40))
def test_any_bytes(data: bytes) -> None:
    _parse(data)


def _parse(data: bytes) -> None:
    with contextlib.suppress(LadingError):
        marked.parse(data, "f")
