"""How bad: from CVSS vectors, else in the source's own words.

Vectors: version 4 before 3.1, 3.0 and 2, whatever their score (https://www.first.org/cvss/). They are
read with the `cvss` library, which is imported when the first one is met: that is while advisories
are stored, never while packages are matched.

Words: `severity` (GitHub, Rocky, RubySec), `urgency` (Debian), severity type `Ubuntu`, the word before
the colon of a Red Hat style summary ("Important: openssl security update"), and RustSec's
`informational`: `unmaintained` and `notice` are negligible, `unsound` is low, unless a vector says more.
A bare CVSS number (RubySec) is rated as its version of CVSS rates it, where there is no word.
Malicious packages (`MAL-2025-2925`) are not rated by who lists them: they are critical, as GitHub rates its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from lading.advisories.osv import Score, Specific
from lading.model.severity import Severity

MAX_VECTOR_CHARS = 512
_VECTORS = ("CVSS_V4", "CVSS_V3", "CVSS_V2")
_SUMMARY = re.compile(r"(Critical|Important|Moderate|Low): ")
_WORDS = {
    "critical": Severity.CRITICAL,
    "important": Severity.HIGH,
    "high": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "unsound": Severity.LOW,
    "negligible": Severity.NEGLIGIBLE,
    "unimportant": Severity.NEGLIGIBLE,
    "none": Severity.NEGLIGIBLE,
    "unmaintained": Severity.NEGLIGIBLE,
    "notice": Severity.NEGLIGIBLE,
}
_MOST = 10.0
_Scale = tuple[tuple[float, Severity], ...]
_V2_RATINGS: _Scale = ((7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))
_RATINGS: _Scale = (
    (9.0, Severity.CRITICAL),
    (7.0, Severity.HIGH),
    (4.0, Severity.MEDIUM),
    (0.1, Severity.LOW),
    (0.0, Severity.NEGLIGIBLE),
)


class Rating(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What is said of one flaw.

    score: base score of the vector, 0.0 to 10.0; None without a vector. word: of the source.
    """

    severity: str = Severity.UNKNOWN.value
    score: float | None = None
    vector: str = ""

    @property
    def known(self) -> bool:
        """Whether anything has been said."""
        return self.severity != Severity.UNKNOWN.value


UNKNOWN = Rating()
_MALICIOUS = "MAL-"


def rating(scores: Iterable[Score] | None, specifics: Iterable[Specific], summary: str = "") -> Rating:
    """Return the best that is said: a vector, else a word, else a bare number, else `UNKNOWN`.

    scores: `severity` of the record or of an entry of `affected`. specifics: the free fields,
    nearest first. summary: of the record, for the word before its colon.
    """
    words: list[object] = []
    if scores:
        listed = list(scores)
        found = _from_vectors(listed)
        if found:
            return found
        words += [score.score for score in listed if not score.type.startswith("CVSS")]
    numbers: list[Severity] = []
    for specific in specifics:
        words += [specific.severity, specific.urgency, specific.informational]
        numbers += _from_numbers(specific)
    heading = _SUMMARY.match(summary)
    if heading:
        words.append(heading[1])
    said = [word_severity(word) for word in words if word]
    return next(
        (Rating(severity.value) for severity in said + numbers if severity is not Severity.UNKNOWN), UNKNOWN
    )


def unrated(record_id: str) -> Rating:
    """Return the rating of a record that says nothing of it."""
    return Rating(Severity.CRITICAL.value) if record_id.startswith(_MALICIOUS) else UNKNOWN


def word_severity(word: object) -> Severity:
    """Return what a word of a source means; `UNKNOWN` for any other word or value."""
    return _WORDS.get(word.strip().lower(), Severity.UNKNOWN) if isinstance(word, str) else Severity.UNKNOWN


def best(ratings: Iterable[Rating]) -> Rating:
    """Return the one to show: a vector before words, newer CVSS before older, then the graver."""
    return max(ratings, key=_weight, default=UNKNOWN)


def _weight(one: Rating) -> tuple[str, float, Severity, str]:
    return _generation(one.vector), one.score or 0.0, Severity(one.severity), one.vector


def _generation(vector: str) -> str:
    """Return a text that sorts by CVSS version: no vector, 2, 3.0, 3.1, 4.0."""
    if vector.startswith("CVSS:"):
        return vector[5:8]
    return "2" if vector else ""


def _from_vectors(scores: list[Score]) -> Rating | None:
    for kind in _VECTORS:
        rated = [from_vector(one.score) for one in scores if one.type == kind]
        known = [one for one in rated if one]
        if known:
            return best(known)
    return None


def _from_numbers(specific: Specific) -> list[Severity]:
    newer = (specific.cvss_v4_score, specific.cvss_v3_score, specific.cvss_score)
    numbers = [(number, _RATINGS) for number in newer] + [(specific.cvss_v2_score, _V2_RATINGS)]
    return [
        _rated(float(number), scale)
        for number, scale in numbers
        if isinstance(number, (int, float)) and 0 <= number <= _MOST
    ]


def _rated(score: float, scale: _Scale) -> Severity:
    return next((severity for least, severity in scale if score >= least), Severity.NEGLIGIBLE)


@lru_cache(maxsize=2**14)
def from_vector(vector: str) -> Rating | None:
    """Return the rating of a CVSS vector of any version, or None if it is not one."""
    from cvss import CVSS2, CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    vector = vector.strip()
    if not vector.isascii() or len(vector) > MAX_VECTOR_CHARS:
        return None
    try:
        if vector.startswith("CVSS:4"):
            score, scale = float(CVSS4(vector).base_score), _RATINGS
        elif vector.startswith("CVSS:3"):
            score, scale = float(CVSS3(vector).base_score), _RATINGS
        else:
            score, scale = float(CVSS2(vector).base_score), _V2_RATINGS
    except (CVSSError, ArithmeticError, ValueError, KeyError):
        return None
    return Rating(_rated(score, scale).value, score, vector)
