"""Comments that switch a finding off, written: as tables, and on everything that is found in the corpus."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lading import lint
from lading.dockerfile.edit import Edit, apply
from lading.lint import checking, ignoring
from lading.lint.finding import Finding, Outcome
from lading.lint.hadolint_config import Config, LevelName
from lading.lint.rule import Level

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*.Dockerfile"))
EXAMPLES = [text for rule in lint.rules() for text in rule.bad]
# What is off at first is on here, but for the two rules about comments: a comment that ignores is one.
ON: dict[str, LevelName] = {
    rule.code: "info"
    for rule in lint.rules()
    if rule.level is Level.IGNORE and rule.code not in {"DL1001", "InvalidDefinitionDescription"}
}
CONFIG = Config(levels=ON)


def edited(outcome: Outcome, edit: Edit) -> str:
    return apply(outcome.file.source, [(edit,)]).source.text


def first(text: str, code: str) -> tuple[Outcome, Finding]:
    outcome = checking.check(text.encode(), config=CONFIG)
    return outcome, next(one for one in outcome.findings if one.code == code)


@pytest.mark.parametrize(
    ("text", "code", "after"),
    [
        pytest.param("FROM a:1\nRUN sudo x\n", "DL3004", "FROM a:1\n# hadolint ignore=DL3004\nRUN sudo x\n", id="hadolint's"),
        pytest.param("FROM a:1\n", "LD1003", "# lading ignore=LD1003\nFROM a:1\n", id="our-own"),
        pytest.param("FROM a:1 AS B\n", "StageNameCasing", "# lading ignore=StageNameCasing\nFROM a:1 AS B\n", id="docker's"),
        pytest.param("FROM a:1\n  RUN x && \\\n  sudo y\n", "DL3004", "FROM a:1\n  # hadolint ignore=DL3004\n  RUN x && \\\n  sudo y\n", id="indented-and-below"),
        pytest.param("FROM a:1\r\nRUN sudo x\r\n", "DL3004", "FROM a:1\r\n# hadolint ignore=DL3004\r\nRUN sudo x\r\n", id="crlf"),
        pytest.param("\ufeffFROM a:1\n", "LD1003", "\ufeff# lading ignore=LD1003\nFROM a:1\n", id="bom"),
        pytest.param("FROM a:1\n# hadolint ignore=DL3001\nRUN sudo x\n", "DL3004", "FROM a:1\n# hadolint ignore=DL3001,DL3004\nRUN sudo x\n", id="one-more"),
        pytest.param("FROM a:1\n#lading ignore = DL3001 # why\nRUN sudo x\n", "DL3004", "FROM a:1\n#lading ignore = DL3001,DL3004 # why\nRUN sudo x\n", id="one-more-with-a-reason"),
        pytest.param("FROM a:1\n# hadolint ignore=DL3001\n\nRUN sudo x\n", "DL3004", "FROM a:1\n# hadolint ignore=DL3001\n\n# hadolint ignore=DL3004\nRUN sudo x\n", id="not-right-above"),
        pytest.param("FROM a:1\n# hadolint ignore=?\nRUN sudo x\n", "DL3004", "FROM a:1\n# hadolint ignore=?\n# hadolint ignore=DL3004\nRUN sudo x\n", id="no-codes"),
        pytest.param("FROM a:1\n# hadolint shell=bash\nRUN sudo x\n", "DL3004", "FROM a:1\n# hadolint shell=bash\n# hadolint ignore=DL3004\nRUN sudo x\n", id="another-pragma"),
    ],
)  # fmt: skip
def test_here(text: str, code: str, after: str) -> None:
    outcome, found = first(text, code)
    edit = ignoring.here(outcome.file, found)
    assert edit is not None
    assert edited(outcome, edit) == after


@pytest.mark.parametrize(
    ("text", "code", "after"),
    [
        pytest.param("FROM a:1\n", "LD1003", "# lading global ignore=LD1003\nFROM a:1\n", id="top"),
        pytest.param("\ufeffFROM a\n", "DL3006", "\ufeff# hadolint global ignore=DL3006\nFROM a\n", id="bom"),
        pytest.param("# syntax=a\n# escape=`\nFROM a\n", "DL3006", "# syntax=a\n# escape=`\n# hadolint global ignore=DL3006\nFROM a\n", id="behind-directives"),
        pytest.param("# syntax=a\r\nFROM a\r\n", "DL3006", "# syntax=a\r\n# hadolint global ignore=DL3006\r\nFROM a\r\n", id="crlf"),
        pytest.param("FROM a\n# hadolint global ignore=DL3001\n", "DL3006", "FROM a\n# hadolint global ignore=DL3001,DL3006\n", id="one-more"),
        pytest.param("# hadolint ignore=DL3001\nFROM a\n", "DL3006", "# hadolint global ignore=DL3006\n# hadolint ignore=DL3001\nFROM a\n", id="beside-one-for-a-line"),
    ],
)  # fmt: skip
def test_everywhere(text: str, code: str, after: str) -> None:
    outcome, found = first(text, code)
    assert edited(outcome, ignoring.everywhere(outcome.file, found.code)) == after


def test_directives_without_a_line_end() -> None:
    outcome = checking.check(b"# escape=`")
    assert (
        edited(outcome, ignoring.everywhere(outcome.file, "DL1"))
        == "# escape=`\n# hadolint global ignore=DL1\n"
    )


def test_where_no_instruction_is() -> None:
    outcome = checking.check(b"# only a comment\n")
    (found,) = outcome.findings
    assert ignoring.here(outcome.file, found) is None
    assert ignoring.instruction_at(outcome.file, 3) is None


def without(outcome: Outcome, code: str, gone: set[int]) -> Counter[str]:
    """Count findings by code, but for some of one code."""
    return Counter(one.code for at, one in enumerate(outcome.findings) if one.code != code or at not in gone)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    check_all(path.read_bytes())


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples(text: str) -> None:
    check_all(text.encode())


def check_all(data: bytes) -> None:
    """Each finding can be ignored where it is, with no more than its like in the same instruction; and everywhere."""
    outcome = checking.check(data, config=CONFIG)
    for one in outcome.findings:
        if one.code == checking.SYNTAX:
            continue
        after = checking.check(
            edited(outcome, ignoring.everywhere(outcome.file, one.code)).encode("utf-8", "surrogateescape"),
            config=CONFIG,
        )
        every = {at for at, other in enumerate(outcome.findings) if other.code == one.code}
        assert Counter(found.code for found in after.findings) == without(outcome, one.code, every), one
        edit = ignoring.here(outcome.file, one)
        if edit is None:
            continue
        around = ignoring.instruction_at(outcome.file, one.span.start)
        after = checking.check(edited(outcome, edit).encode("utf-8", "surrogateescape"), config=CONFIG)
        like = {
            at
            for at, other in enumerate(outcome.findings)
            if other.code == one.code and ignoring.instruction_at(outcome.file, other.span.start) is around
        }
        assert Counter(found.code for found in after.findings) == without(outcome, one.code, like), one
