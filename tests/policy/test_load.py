from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError
from lading.policy import load

LADING = b"exceptions: [{id: A-1, reason: r, owner: o, expires: never}]\n"
TRIVY = b"vulnerabilities: [{id: A-1}]\n"
VEX = (
    b'\n{"@context": "https://openvex.dev/ns", "timestamp": "2024-01-01T00:00:00Z", "statements": '
    b'[{"vulnerability": "A-1", "status": "fixed", "products": ["pkg:deb/x"]}]}'
)


@pytest.mark.parametrize(
    ("name", "data", "source"),
    [
        pytest.param(".lading.yaml", LADING, ".lading.yaml:1", id="lading"),
        pytest.param("my.yml", LADING, "my.yml:1", id="lading-by-content"),
        pytest.param(".trivyignore", b"A-1\n", ".trivyignore:1", id="trivyignore"),
        pytest.param("ignored.txt", b"# c\n\nA-1 exp:2030-01-01\n", "ignored.txt:3", id="lines-by-content"),
        pytest.param(".trivyignore.yaml", TRIVY, ".trivyignore.yaml:1", id="trivyignore-yaml"),
        pytest.param("x.yaml", TRIVY, "x.yaml:1", id="trivyignore-yaml-by-content"),
        pytest.param("x.openvex.json", VEX, "x.openvex.json#/statements/0", id="vex"),
        pytest.param("x", b"\xef\xbb\xbf" + VEX, "x#/statements/0", id="vex-by-content"),
        pytest.param("a.yaml", VEX, "a.yaml#/statements/0", id="vex-whatever-its-name"),
    ],
)
def test_kinds(tmp_path: Path, name: str, data: bytes, source: str) -> None:
    (tmp_path / name).write_bytes(data)
    (rule,) = load.load([tmp_path / name])
    assert rule.ids == ("A-1",)
    assert rule.suppression.source == f"{tmp_path}/{source}"


def test_order_is_that_of_the_files() -> None:
    assert load.load([]) == ()


def test_several(tmp_path: Path) -> None:
    (tmp_path / ".trivyignore").write_bytes(b"B-1\nB-2\n")
    (tmp_path / ".lading.yaml").write_bytes(LADING)
    rules = load.load([tmp_path / ".trivyignore", tmp_path / ".lading.yaml"])
    assert [rule.ids for rule in rules] == [("B-1",), ("B-2",), ("A-1",)]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("x.json", b"{}", "x.json: JSON, but not an OpenVEX document", id="other-json"),
        pytest.param("x.json", b'{"@context": 1}', "x.json: JSON, but not an OpenVEX", id="context-number"),
        pytest.param("x.json", b'{"a": }', "x.json: not JSON: ", id="broken-json"),
        pytest.param("x", b"some words\n", "x: not a file of exceptions", id="words"),
        pytest.param("x", b"\xff\xfe", "x: not a file of exceptions", id="bytes"),
        pytest.param("x.yaml", b"other: 1\n", "x.yaml:1: unknown key 'other'", id="other-yaml"),
        pytest.param(".lading.yaml", b"{", ".lading.yaml:1: not YAML", id="broken-yaml"),
    ],
)
def test_malformed(name: str, data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(message)):
        load.parse(data, name)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"gone: cannot be read: No such file"):
        load.load([tmp_path / "gone"])
    with pytest.raises(UnavailableError, match=r"cannot be read: Is a directory"):
        load.load([tmp_path])


def test_denied_is_told_from_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DeniedError, match="no permission to read it"):
        load.load([tmp_path])


def test_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_BYTES", 3)
    (tmp_path / "x").write_bytes(b"A-12")
    with pytest.raises(LimitError, match="larger than 3 bytes"):
        load.load([tmp_path / "x"])


@given(st.sampled_from(["x", "x.yaml", "x.json", ".trivyignore"]), st.binary(max_size=40))
def test_any_bytes(name: str, data: bytes) -> None:
    with contextlib.suppress(LadingError):
        load.parse(data, name)
