"""What is known stays known while lines move, and nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lading.errors import LadingError, MalformedError, UnavailableError
from lading.lint import baseline, checking, load
from lading.lint.finding import Outcome

TEXT = "FROM debian:12\nRUN sudo a\nRUN sudo b\nRUN sudo a\n"


def _check(text: str, path: str = "Dockerfile") -> Outcome:
    return checking.check(text.encode(), path, rules=[load("DL3004")])


def _kept(folder: Path, text: str = TEXT, path: str = "Dockerfile") -> baseline.Baseline:
    outcome = _check(text, path)
    file = folder / "known.json"
    file.write_bytes(baseline.made([(outcome.findings, outcome.file.source)], file))
    return baseline.read(file)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(TEXT, [], id="the-same"),
        pytest.param(TEXT.replace("RUN", "# more\nRUN", 1), [], id="moved"),
        pytest.param(TEXT.replace("RUN sudo b", "RUN   sudo   b"), [], id="indented-otherwise"),
        pytest.param(TEXT.replace("sudo b", "sudo c"), [3], id="changed"),
        pytest.param(TEXT + "RUN sudo a\n", [5], id="a-third-of-two"),
        pytest.param(TEXT + "RUN sudo new\n", [5], id="new"),
    ],
)
def test_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, lines: list[int]
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = _check(text)
    assert [one.line for one in _kept(tmp_path).new(outcome.findings, outcome.file.source)] == lines


def test_other_files_are_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = _kept(tmp_path)
    (tmp_path / "sub").mkdir()
    other, same = _check(TEXT, "sub/Dockerfile"), _check(TEXT, str(tmp_path / "Dockerfile"))
    assert len(known.new(other.findings, other.file.source)) == 3
    assert known.new(same.findings, same.file.source) == ()
    monkeypatch.chdir(tmp_path / "sub")
    same = _check(TEXT, "../Dockerfile")
    assert known.new(same.findings, same.file.source) == ()


def test_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _kept(tmp_path)
    document = json.loads((tmp_path / "known.json").read_bytes())
    assert document["version"] == 1
    assert [(one["file"], one["code"]) for one in document["findings"]] == [("Dockerfile", "DL3004")] * 3


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a baseline"),
        (b"[]", "not a baseline"),
        (b'{"version": 2, "findings": []}', "version 2, not 1"),
        (b'{"version": 1, "findings": [{"file": 1}]}', "not a baseline"),
        (b"[" * 100_000, "not a baseline"),
    ],
)
def test_what_is_no_baseline(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(MalformedError, match=message):
        baseline.read(tmp_path / "b")


def test_a_baseline_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be read: No such file"):
        baseline.read(tmp_path / "b")


@given(data=st.binary(max_size=80))
@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(LadingError):
        baseline.read(tmp_path / "b")
