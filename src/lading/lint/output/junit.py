"""JUnit XML, which every build server reads: a suite per file, a failed test per finding."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.finding import Finding
from lading.lint.output.format import Format, Linted, Look
from lading.lint.output.xml import attributes, content
from lading.report.text import utf8


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return the document; a file without findings is a test that has passed."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites{attributes(name='lading lint', **_counts(files))}>")
    lines += [line for file in files for line in _suite(file)]
    return utf8("\n".join([*lines, "</testsuites>", ""]))


def _counts(files: tuple[Linted, ...]) -> dict[str, str]:
    failures = sum(len(file.findings) for file in files)
    switched_off = sum(len(file.suppressed) for file in files)
    passed = sum(not (file.findings or file.suppressed) for file in files)
    return {
        "tests": str(failures + switched_off + passed),
        "failures": str(failures),
        "errors": "0",
        "skipped": str(switched_off),
        "time": "0",
    }


def _suite(file: Linted) -> Iterator[str]:
    yield f"  <testsuite{attributes(name=file.path, **_counts((file,)))}>"
    if not (file.findings or file.suppressed):
        yield f"    <testcase{attributes(name='no findings', classname=file.path, time='0')}/>"
    for one in file.findings:
        yield f"    <testcase{_case(one)}>"
        told = attributes(message=one.message, type=one.level.value)
        yield f"      <failure{told}>{content(_body(one, file))}</failure>"
        yield "    </testcase>"
    for one in file.suppressed:
        yield f"    <testcase{_case(one)}>"
        yield f"      <skipped{attributes(message='switched off by a comment: ' + one.message)}/>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _case(one: Finding) -> str:
    return attributes(name=f"{one.code} line {one.line}", classname=one.file, time="0")


def _body(one: Finding, file: Linted) -> str:
    place = f"{one.file}:{one.line}:{one.column}"
    return f"{place} {one.level} {one.code}: {one.message}\n{file.source.of(one.span)[:500].rstrip()}"


FORMAT = Format("junit", "JUnit XML: a failed test per finding", render)
