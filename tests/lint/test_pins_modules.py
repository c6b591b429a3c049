from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import MalformedError
from lading.lint import pins_modules
from lading.lint.pins_modules import hidden_of


def stream(name: str, number: str, *artifacts: str) -> str:
    return f"---\ndocument: modulemd\ndata: {{name: {name}, stream: {number}, artifacts: {{rpms: [{', '.join(artifacts)}]}}}}\n"


def default(name: str, number: str) -> str:
    return f"---\ndocument: modulemd-defaults\ndata: {{module: {name}, stream: {number}}}\n"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        pytest.param("", set(), id="nothing"),
        pytest.param(stream("n", "18", "a-0:1-1.x"), {"a-0:1-1.x"}, id="no-default"),
        pytest.param(default("n", "18") + stream("n", "18", "a-0:1-1.x"), set(), id="default-before"),
        pytest.param(
            stream("n", "18", "a-0:1-1.x") + default("n", "'18'"), set(), id="default-behind-and-quoted"
        ),
        pytest.param(default("n", "1.1") + stream("n", "1.10", "a-0:1-1.x"), {"a-0:1-1.x"}, id="no-numbers"),
        pytest.param(default("m", "18") + stream("n", "18", "a-0:1-1.x"), {"a-0:1-1.x"}, id="other-module"),
        pytest.param(
            "---\n3\n---\n[]\n---\n{data: 3}\n---\ndocument: modulemd\ndata: {name: x}\n",
            set(),
            id="other-shapes",
        ),
        pytest.param(
            "---\ndocument: modulemd\ndata: {artifacts: {rpms: [[a], {b: c}, d]}}\n",
            {"d"},
            id="other-artifacts",
        ),
    ],
)
def test_hidden_of(text: str, hidden: set[str]) -> None:
    assert hidden_of(text.encode(), "x") == hidden


@pytest.mark.parametrize("data", [b"a: [", b"\x00\x01", b"\xff\xfe\xff", b"a: b: c"])
def test_garbage(data: bytes) -> None:
    with pytest.raises(MalformedError, match="x: modules are not YAML"):
        hidden_of(data, "x")


# PyYAML's loader in C ends the whole process on such a text.
@pytest.mark.parametrize("data", [b"[" * 50_000, b"{a: " * 50_000, b"- " * 50_000])
def test_deep(data: bytes) -> None:
    with pytest.raises(MalformedError, match=r"x: modules (nested too deep|are not YAML)"):
        hidden_of(data, "x")


def test_aliases_do_not_multiply() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 20)}]" for at in range(1, 30)]
    assert hidden_of("\n".join(lines).encode(), "x") == frozenset()


def test_too_many_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins_modules, "_MAX_DOCUMENTS", 3)
    with pytest.raises(MalformedError, match="or too many"):
        hidden_of(b"---\na: b\n" * 6, "x")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80) | st.text(alphabet="document: alrifc{}[]&*\n-!,'", max_size=80).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    try:
        hidden_of(data, "x")
    except MalformedError:
        return
