from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs
from lading.errors import LadingError, LimitError, MalformedError
from lading.model.finding import Suppression
from lading.model.severity import Impact
from lading.policy import exceptions, pattern, purl
from lading.policy.rule import Rule

WHOLE = """\
exceptions:
  - id: cve-2024-1
    package: openssl
    path: usr/lib/**
    impact: denial-of-service
    reason: the cipher is turned off
    owner: platform@example.org
    expires: 2026-12-31

  - id: [CVE-2024-2, GHSA-aaaa-bbbb-cccc]
    package: ["lib{ssl,crypto}*", "pkg:pypi/django@3.*"]
    path: [a, b]
    reason: >
      folded
      text
    owner: "platform"
    expires: never
  - id: "*"
    package: linux-libc-dev
    reason: headers only
    owner: kernel
    expires: '2027-01-01'
"""


def test_whole_file() -> None:
    assert exceptions.parse(WHOLE.encode(), "p/.lading.yaml") == (
        Rule(
            ids=("CVE-2024-1",),
            names=(pattern.for_name("openssl"),),
            paths=(pattern.for_path("usr/lib/**"),),
            impacts=(Impact.DENIAL_OF_SERVICE,),
            suppression=Suppression(
                source="p/.lading.yaml:2",
                reason="the cipher is turned off",
                owner="platform@example.org",
                expires="2026-12-31",
            ),
        ),
        Rule(
            ids=("CVE-2024-2", "GHSA-AAAA-BBBB-CCCC"),
            names=(pattern.for_name("lib{ssl,crypto}*"),),
            purls=(purl.parse("pkg:pypi/django@3.*"),),
            paths=(pattern.for_path("a"), pattern.for_path("b")),
            suppression=Suppression(source="p/.lading.yaml:10", reason="folded text", owner="platform"),
        ),
        Rule(
            names=(pattern.for_name("linux-libc-dev"),),
            suppression=Suppression(
                source="p/.lading.yaml:18", reason="headers only", owner="kernel", expires="2027-01-01"
            ),
        ),
    )


@pytest.mark.parametrize("text", ["", "# none\n", "exceptions:\n", "exceptions: []\n"])
def test_empty(text: str) -> None:
    assert exceptions.parse(text.encode(), "f") == ()


ENTRY = {"id": "CVE-1", "reason": "r", "owner": "o", "expires": "2026-12-31"}


def _text(**changes: str | None) -> bytes:
    fields = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    lines = [f"    {key}: {value}\n" for key, value in fields.items()]
    return ("exceptions:\n  -\n" + "".join(lines)).encode()


@pytest.mark.parametrize(
    ("changes", "line", "message", "hint"),
    [
        pytest.param({"id": None}, 3, "exception without id", "", id="no-id"),
        pytest.param({"reason": None}, 3, "exception without reason", "", id="no-reason"),
        pytest.param({"owner": None}, 3, "exception without owner", "", id="no-owner"),
        pytest.param(
            {"expires": None},
            3,
            "exception without expires",
            "a date such as 2026-12-31, or never",
            id="no-expiry",
        ),
        pytest.param({"reason": ""}, 4, "reason must be text, and not empty", "", id="empty-reason"),
        pytest.param({"reason": "[a, b]"}, 4, "reason must be one text, not a list", "", id="two-reasons"),
        pytest.param({"owner": "{a: b}"}, 5, "owner must be text, and not empty", "", id="owner-mapping"),
        pytest.param(
            {"expires": "soon"},
            6,
            "expires 'soon' is not a date",
            "a date such as 2026-12-31, or never",
            id="expires-word",
        ),
        pytest.param(
            {"expires": "2026-02-30"},
            6,
            "expires '2026-02-30' is not a date",
            "a date such as 2026-12-31, or never",
            id="expires-no-such-day",
        ),
        pytest.param(
            {"expires": "20261231"},
            6,
            "expires '20261231' is not a date",
            "a date such as 2026-12-31, or never",
            id="expires-basic-format",
        ),
        pytest.param(
            {"expires": "2026-12-31T00:00:00Z"},
            6,
            "expires '2026-12-31T00:00:00Z' is not a date",
            "a date such as 2026-12-31, or never",
            id="expires-time",
        ),
        pytest.param({"pakage": "x"}, 7, "unknown key 'pakage'", "did you mean package?", id="typo"),
        pytest.param(
            {"id": "CVE-2024-*"},
            3,
            "id 'CVE-2024-*' is not an identifier",
            "only '*' alone, with a package, stands for all",
            id="id-pattern",
        ),
        pytest.param({"id": "'*'"}, 3, "id: '*' needs a package that it is limited to", "", id="star-alone"),
        pytest.param(
            {"id": "['*', CVE-1]", "package": "x"},
            3,
            "id: '*' cannot stand beside others",
            "",
            id="star-and-more",
        ),
        pytest.param(
            {"package": "'*'"}, 7, "package '*' is every package", "name those that are meant", id="all"
        ),
        pytest.param(
            {"package": "'pkg:x'"}, 7, "package URL without type or name: 'pkg:x'", "", id="bad-purl"
        ),
        pytest.param({"package": "'a[b'"}, 7, "pattern 'a[b' has a [ without ]", "", id="bad-name"),
        pytest.param({"path": "'a{b'"}, 7, "pattern 'a{b' has a { without }", "", id="bad-path"),
        pytest.param(
            {"impact": "dos"},
            7,
            "unknown impact 'dos'",
            "known are code-execution, privilege-escalation, information-leak, tampering, denial-of-service",
            id="bad-impact",
        ),
    ],
)
def test_malformed(changes: dict[str, str | None], line: int, message: str, hint: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(f"f:{line}: {message}")) as caught:
        exceptions.parse(_text(**changes), "f")
    assert (caught.value.where, caught.value.message, caught.value.hint) == (f"f:{line}", message, hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n", "f:1: the file must be a mapping with the keys exceptions"),
        ("exeptions: []\n", "f:1: unknown key 'exeptions'"),
        ("exceptions: x\n", "f:1: exceptions must be a list"),
        ("exceptions: {}\n", "f:1: exceptions must be a list"),
        ("exceptions:\n- x\n", "f:2: an exception must be a mapping"),
    ],
)
def test_malformed_top(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=re.escape(message)):
        exceptions.parse(text.encode(), "f")


def test_large_file() -> None:
    with pytest.raises(LimitError, match="larger than"):
        exceptions.parse(b"#" * 2**21, "f")


def test_cut_anywhere_gives_rules_or_an_error() -> None:
    data = WHOLE.encode()
    for end in range(len(data)):
        with contextlib.suppress(LadingError):
            exceptions.parse(data[:end], "f")


@given(st.text("idexpsrao:-* \n[]{}'2026", max_size=60))
def test_any_text(text: str) -> None:
    with contextlib.suppress(LadingError):
        exceptions.parse(b"exceptions:\n" + text.encode(), "f")


def _documented() -> list[str]:
    text = Path(needs.ROOT, "docs", "exceptions.md").read_text("utf-8")
    return re.findall(r"```yaml\n(exceptions:.*?)```", text, re.DOTALL)


def test_documentation() -> None:
    assert _documented()
    for text in _documented():
        assert exceptions.parse(text.encode(), "docs")
    page = Path(needs.ROOT, "docs", "exceptions.md").read_text("utf-8")
    for field in ("id", "package", "path", "impact", "reason", "owner", "expires"):
        assert f"| `{field}` |" in page
