from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.advisories.osv import Score, Specific
from lading.advisories.severity import UNKNOWN, Rating, best, from_vector, rating, unrated, word_severity
from lading.model.severity import Severity

V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V30 = "CVSS:3.0/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H"
V2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
LOW = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N"


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        # scores as the calculators of FIRST and NVD give them
        (V4, Rating("critical", 9.3, V4)),
        (V31, Rating("critical", 9.8, V31)),
        (V30, Rating("medium", 5.5, V30)),
        (V2, Rating("high", 7.5, V2)),
        (LOW, Rating("low", 3.3, LOW)),
        ("AV:L/AC:H/Au:N/C:P/I:N/A:N", Rating("low", 1.2, "AV:L/AC:H/Au:N/C:P/I:N/A:N")),
        (
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N",
            Rating("negligible", 0.0, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"),
        ),
        (V31 + "/E:U/RL:O", Rating("critical", 9.8, V31 + "/E:U/RL:O")),
        ("", None),
        ("HIGH", None),
        ("9.8", None),
        (V31[:-2], None),
        (V31.replace("AV:N", "AV:Q"), None),
        (V31 + "/A:L", None),
        ("CVSS:9.9/AV:N", None),
        (V31 + "/" * 1000, None),
        ("CVSS:3.1/ÄV:N", None),
    ],
)
def test_from_vector(vector: str, expected: Rating | None) -> None:
    assert from_vector(vector) == expected


@given(st.text(max_size=40) | st.text("CVSS:3.140/AVNLPRUIHW", max_size=60))
def test_any_text_as_a_vector(text: str) -> None:
    found = from_vector(text)
    assert found is None or 0 <= (found.score or 0) <= 10


@pytest.mark.parametrize(
    ("scores", "specifics", "summary", "expected"),
    [
        pytest.param(
            [Score("CVSS_V3", V31)], [Specific(severity="LOW")], "", "critical", id="vector-before-words"
        ),
        pytest.param([Score("CVSS_V3", V31), Score("CVSS_V4", V4)], [], "", "critical", id="v4-before-v3"),
        pytest.param([Score("CVSS_V3", V31), Score("CVSS_V3", LOW)], [], "", "critical", id="the-graver"),
        pytest.param([Score("CVSS_V2", V2), Score("CVSS_V3", LOW)], [], "", "low", id="v3-before-v2"),
        pytest.param(
            [Score("CVSS_V3", "broken")], [Specific(severity="MODERATE")], "", "medium", id="broken-vector"
        ),
        pytest.param([Score("Ubuntu", "negligible")], [], "", "negligible", id="ubuntu"),
        pytest.param([], [Specific(urgency="unimportant")], "", "negligible", id="debian"),
        pytest.param([], [Specific(urgency="not yet assigned")], "", "unknown", id="debian-unassigned"),
        pytest.param([], [], "Important: openssl security update", "high", id="red-hat-summary"),
        pytest.param([], [], "Moderate: x", "medium", id="red-hat-moderate"),
        pytest.param([], [], "Important things about openssl", "unknown", id="no-colon"),
        pytest.param([], [], "A Critical: x", "unknown", id="not-at-the-start"),
        pytest.param([], [Specific(informational="unmaintained")], "", "negligible", id="unmaintained"),
        pytest.param([], [Specific(informational="unsound")], "", "low", id="unsound"),
        pytest.param([], [Specific(cvss_v3_score=7.1)], "", "high", id="number"),
        pytest.param([], [Specific(cvss_v2_score=9.5)], "", "high", id="number-of-version-2"),
        pytest.param([], [Specific(cvss_v3_score=7.1, severity="low")], "", "low", id="word-before-number"),
        pytest.param([], [Specific(cvss_v3_score=71)], "", "unknown", id="number-out-of-range"),
        pytest.param([], [Specific(severity=["HIGH"])], "", "unknown", id="word-of-wrong-type"),
        pytest.param([], [], "", "unknown", id="nothing"),
    ],
)
def test_rating(scores: list[Score], specifics: list[Specific], summary: str, expected: str) -> None:
    assert rating(scores, specifics, summary).severity == expected


def test_version_4_is_taken_whatever_its_score() -> None:
    high = V4.replace("VC:H/VI:H/VA:H", "VC:N/VI:N/VA:L")
    assert rating([Score("CVSS_V3", V31), Score("CVSS_V4", high)], []).vector == high


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([], UNKNOWN),
        ([Rating("critical"), Rating("low", 3.3, LOW)], Rating("low", 3.3, LOW)),
        ([Rating("low"), Rating("high"), UNKNOWN], Rating("high")),
        ([Rating("critical", 9.8, V31), Rating("medium", 5.5, V30)], Rating("critical", 9.8, V31)),
        ([Rating("high", 7.5, V2), Rating("medium", 5.5, V30)], Rating("medium", 5.5, V30)),
    ],
)
def test_best(ratings: list[Rating], expected: Rating) -> None:
    assert best(ratings) == expected
    assert best(reversed(ratings)) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("HIGH", Severity.HIGH),
        (" Important ", Severity.HIGH),
        ("medium", Severity.MEDIUM),
        ("grave", Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
        (7, Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
    ],
)
def test_word_severity(word: object, expected: Severity) -> None:
    assert word_severity(word) is expected


def test_unrated() -> None:
    assert [unrated(name) for name in ("MAL-2025-2925", "GHSA-2qrg-x229-3v8q", "CVE-2024-0001")] == [
        Rating("critical"),
        UNKNOWN,
        UNKNOWN,
    ]
