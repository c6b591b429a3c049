from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.model.finding import Suppression
from lading.policy import pattern, purl, trivyignore
from lading.policy.rule import Rule


def test_lines() -> None:
    text = "\ufeff# why\nCVE-2024-1\n\n  cve-2024-2 exp:2026-01-01 # soon\r\n#C\nAVD-X-1 n exp:2026-03-01\n"
    assert trivyignore.parse_lines(text.encode(), "i") == (
        Rule(ids=("CVE-2024-1",), suppression=Suppression(source="i:2")),
        # Trivy ends a rule when its day begins: the day before is the last.
        Rule(ids=("CVE-2024-2",), suppression=Suppression(source="i:4", expires="2025-12-31")),
        Rule(ids=("AVD-X-1",), suppression=Suppression(source="i:6", expires="2026-02-28")),
    )


@pytest.mark.parametrize("date", ["", "tomorrow", "2026-13-01", "0001-01-01"])
def test_lines_with_a_bad_date(date: str) -> None:
    with pytest.raises(MalformedError, match=r"^i:2: '.*' is not a date$"):
        trivyignore.parse_lines(f"CVE-1\nCVE-2 exp:{date}\n".encode(), "i")


YAML = """\
vulnerabilities:
  - id: CVE-2022-40897
    paths:
      - "usr/**/setuptools-*.dist-info/METADATA"
    statement: Accept the risk
  - id: CVE-2023-3817
    purls: ["pkg:deb/debian/libssl1.1"]
    expired_at: 2024-09-01
    statement:
  - id: CVE-2023-1
    expired_at: 2024-09-01T12:00:00Z
misconfigurations:
  - {id: AVD-1, whatever: true}
secrets:
licenses: []
"""


def test_yaml() -> None:
    assert trivyignore.parse_yaml(YAML.encode(), "i") == (
        Rule(
            ids=("CVE-2022-40897",),
            paths=(pattern.for_path("usr/**/setuptools-*.dist-info/METADATA"),),
            suppression=Suppression(source="i:2", reason="Accept the risk"),
        ),
        Rule(
            ids=("CVE-2023-3817",),
            purls=(purl.parse("pkg:deb/debian/libssl1.1"),),
            suppression=Suppression(source="i:6", expires="2024-08-31"),
        ),
        Rule(ids=("CVE-2023-1",), suppression=Suppression(source="i:10", expires="2024-09-01")),
    )


@pytest.mark.parametrize("text", ["", "vulnerabilities:\n", "secrets:\n  - id: x\n"])
def test_yaml_empty(text: str) -> None:
    assert trivyignore.parse_yaml(text.encode(), "i") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- id: CVE-1\n", "i:1: the file must be a mapping with the keys vulnerabilities"),
        ("vulnerabilities: x\n", "i:1: vulnerabilities must be a list"),
        ("vulnerabilities:\n  - statement: x\n", "i:2: vulnerability without id"),
        ("vulnerabilities:\n  - id: A\n    path: x\n", "i:3: unknown key 'path'"),
        ("vulnerabilities:\n  - id: A\n    paths: ['[']\n", "i:2: pattern '[' has a [ without ]"),
        ("vulnerabilities:\n  - id: A\n    purls: [x]\n", "i:2: not a package URL: 'x'"),
        ("vulnerabilities:\n  - id: A\n    expired_at: x\n", "i:3: 'x' is not a date"),
        ("vulnerabilities:\n  - id: {a: b}\n", "i:2: id must be text, and not empty"),
    ],
)
def test_yaml_malformed(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(message)):
        trivyignore.parse_yaml(text.encode(), "i")


def test_limits() -> None:
    with pytest.raises(LimitError, match="larger than"):
        trivyignore.parse_lines(b"\n" * 2**21, "i")
    with pytest.raises(LimitError, match="larger than"):
        trivyignore.parse_yaml(b"\n" * 2**21, "i")


def test_cut_anywhere() -> None:
    data = YAML.encode()
    for end in range(len(data)):
        with contextlib.suppress(LadingError):
            trivyignore.parse_yaml(data[:end], "i")


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(LadingError):
        trivyignore.parse_lines(data, "i")
