from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.advisories.impact import impacts
from lading.model.severity import Impact

ALL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LEAK = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
DENIAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
XSS = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
LOCAL = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
OPENED = "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"
NOTHING = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"
CODE, PRIVILEGE, LEAKS = "code-execution", "privilege-escalation", "information-leak"
TAMPER, DENIES = "tampering", "denial-of-service"


@pytest.mark.parametrize(
    ("cwes", "vector", "expected"),
    [
        pytest.param([], ALL, [CODE, LEAKS, TAMPER, DENIES], id="total-loss-from-the-network"),
        pytest.param([], LOCAL, [PRIVILEGE, LEAKS, TAMPER, DENIES], id="total-loss-by-a-local-account"),
        pytest.param([], OPENED, [CODE, LEAKS, TAMPER, DENIES], id="total-loss-by-opening-a-file"),
        pytest.param([], LEAK, [LEAKS], id="confidentiality-alone"),
        pytest.param([], DENIAL, [DENIES], id="availability-alone"),
        pytest.param([], XSS, [LEAKS, TAMPER], id="two-losses"),
        pytest.param([], NOTHING, [], id="no-loss"),
        # CVE-2021-44228 (log4j): CWE-20, 400, 502, 917
        pytest.param(
            ["CWE-20", "CWE-400", "CWE-502", "CWE-917"], ALL, [CODE, LEAKS, TAMPER, DENIES], id="log4j"
        ),
        # CVE-2014-0160 (heartbleed): CWE-125
        pytest.param(["CWE-125"], LEAK, [LEAKS], id="heartbleed"),
        # CVE-2022-25883 (semver): CWE-1333
        pytest.param(["CWE-1333"], DENIAL, [DENIES], id="slow-expression"),
        # CVE-2021-4034 (pkexec): CWE-787, from a local account
        pytest.param(["CWE-787"], LOCAL, [CODE, LEAKS, TAMPER, DENIES], id="memory-error-with-total-loss"),
        pytest.param(["CWE-787"], DENIAL, [DENIES], id="memory-error-that-only-crashes"),
        pytest.param(["CWE-416"], XSS, [LEAKS, TAMPER], id="memory-error-with-little-loss"),
        pytest.param(["CWE-78"], LEAK, [LEAKS], id="injection-without-loss-of-integrity"),
        pytest.param(["CWE-269"], LOCAL, [PRIVILEGE, LEAKS, TAMPER, DENIES], id="privileges"),
        pytest.param(["CWE-79"], ALL, [LEAKS, TAMPER, DENIES], id="cwe-says-it-is-not-code-execution"),
        pytest.param(["CWE-22"], "", [LEAKS, TAMPER], id="cwe-alone"),
        pytest.param(["CWE-787"], "", [CODE, DENIES], id="memory-error-alone"),
        pytest.param(["CWE-20"], "", [], id="cwe-that-tells-nothing"),
        pytest.param(
            ["CWE-20"], ALL, [CODE, LEAKS, TAMPER, DENIES], id="cwe-that-tells-nothing-and-total-loss"
        ),
        pytest.param(["CWE-7800", "CWE-", "78", "CWE-²"], "", [], id="not-these-numbers"),
        pytest.param([], "AV:N/AC:L/Au:N/C:C/I:C/A:C", [CODE, LEAKS, TAMPER, DENIES], id="version-2"),
        pytest.param(
            [], "AV:L/AC:L/Au:S/C:C/I:C/A:C", [PRIVILEGE, LEAKS, TAMPER, DENIES], id="version-2-local"
        ),
        pytest.param([], "AV:N/AC:L/Au:N/C:N/I:N/A:P", [DENIES], id="version-2-partial"),
        pytest.param(
            [],
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:L/SI:N/SA:N",
            [LEAKS],
            id="version-4-next-system",
        ),
        pytest.param(
            [],
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            [CODE, LEAKS, TAMPER, DENIES],
            id="version-4",
        ),
        pytest.param([], "", [], id="nothing"),
    ],
)
def test_by_cwe_and_vector(cwes: list[str], vector: str, expected: list[str]) -> None:
    assert [gain.value for gain in impacts(cwes, vector)] == expected


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Remote code execution in x", [CODE]),
        ("x allows attackers to execute arbitrary code", [CODE]),
        ("SQL injection in x", [LEAKS, TAMPER]),
        ("Regular Expression Denial of Service in x", [DENIES]),
        ("ReDoS in x", [DENIES]),
        ("Local privilege escalation", [PRIVILEGE]),
        ("Path traversal in x", [LEAKS]),
        ("Use-after-free in x", [CODE, DENIES]),
        ("Prototype Pollution in x", [TAMPER]),
        ("Reflected XSS", [TAMPER]),
        ("Windows and dosage", []),
        ("A source of codes", []),
        ("Improper handling of input", []),
    ],
)
def test_by_phrase(summary: str, expected: list[str]) -> None:
    assert [gain.value for gain in impacts([], "", summary)] == expected
    assert [gain.value for gain in impacts(["CWE-20"], "", summary)] == expected


def test_phrases_count_only_where_nothing_else_speaks() -> None:
    assert impacts([], DENIAL, "Remote code execution") == (Impact.DENIAL_OF_SERVICE,)
    assert impacts(["CWE-400"], "", "Remote code execution") == (Impact.DENIAL_OF_SERVICE,)


def test_categories_of_rustsec() -> None:
    assert impacts([], "", "", ["memory-corruption"]) == (Impact.CODE_EXECUTION, Impact.DENIAL_OF_SERVICE)
    assert impacts([], "", "", ["memory-exposure"]) == (Impact.INFORMATION_LEAK,)
    assert impacts([], "", "", ["crypto-failure"]) == ()


@given(st.lists(st.text(max_size=12), max_size=3), st.text(max_size=60), st.text(max_size=300))
def test_any_text(cwes: list[str], vector: str, summary: str) -> None:
    found = impacts(cwes, vector, summary)
    assert list(found) == [gain for gain in Impact if gain in found]
