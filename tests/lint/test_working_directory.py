"""Where an instruction runs, as far as WORKDIRs say it."""

from __future__ import annotations

import pytest

from lading.dockerfile.parse import parse
from lading.lint.subject import Subject
from lading.lint.working_directory import Directory, before

BEFORE = [
    pytest.param("FROM a\nRUN x", Directory("/", certain=False), id="nothing known"),
    pytest.param("FROM scratch\nRUN x", Directory("/", certain=True), id="scratch"),
    pytest.param("FROM a\nWORKDIR /b\nRUN x", Directory("/b", certain=True), id="absolute"),
    pytest.param("FROM a\nWORKDIR b\nRUN x", Directory("/b", certain=False), id="relative to the base"),
    pytest.param(
        "FROM a\nWORKDIR /b\nWORKDIR c\nWORKDIR ../d/./\nRUN x", Directory("/b/d", certain=True), id="relative"
    ),
    pytest.param("FROM a\nWORKDIR ../..\nRUN x", Directory("/", certain=False), id="above the root"),
    pytest.param("FROM a\nWORKDIR //b\nRUN x", Directory("/b", certain=True), id="two slashes"),
    pytest.param("FROM a\nENV A=/b\nWORKDIR $A/c\nRUN x", Directory("/b/c", certain=True), id="variable"),
    pytest.param("FROM a\nWORKDIR $A\nRUN x", None, id="unknown variable"),
    pytest.param("FROM a\nWORKDIR $A\nWORKDIR /b\nRUN x", Directory("/b", certain=True), id="known again"),
    pytest.param("FROM a\nWORKDIR c:\\b\nRUN x", None, id="windows"),
    pytest.param(
        "FROM a AS b\nWORKDIR /c\nFROM b\nWORKDIR d\nRUN x", Directory("/c/d", certain=True), id="stage beneath"
    ),
    pytest.param("FROM a AS b\nWORKDIR /c\nFROM d\nRUN x", Directory("/", certain=False), id="another stage"),
    pytest.param("FROM a\nRUN x\nWORKDIR /b", Directory("/b", certain=True), id="itself not counted"),
    pytest.param("RUN x", None, id="no stage"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "directory"), BEFORE)
def test_the_directory_before_the_last_instruction(text: str, directory: Directory | None) -> None:
    if text.endswith("WORKDIR /b"):
        text += "\nRUN y"
    file = parse(text)
    assert before(Subject(file), file.instructions[-1]) == directory
