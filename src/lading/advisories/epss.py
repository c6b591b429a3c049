"""FIRST's Exploit Prediction Scoring System: a gzip file of CSV.

`#model_version:...,score_date:...`, then `cve,epss,percentile`, then one line per CVE with the
probability that it is exploited in the next 30 days. https://www.first.org/epss/data_stats
"""

from __future__ import annotations

import re
import zlib

from lading.advisories.flaws import is_cve
from lading.errors import LimitError, MalformedError

MAX_BYTES = 256 * 2**20
_DATE = re.compile(r"score_date:([0-9T:+.Z-]{1,40})")
_GZIP = 31  # zlib's number for "a gzip header is expected"


def parse(data: bytes, where: str = "") -> tuple[list[tuple[str, float]], str]:
    """Return (CVE, probability 0 to 1), and the day of the scores. data: gzip or plain CSV.

    Raises `MalformedError` for a broken stream, a line that is not of this form, or no line at
    all; `LimitError` for more than `MAX_BYTES` of text.
    """
    text = _plain(data, where).decode("ascii", "replace")
    comment, _, rest = text.partition("\n") if text.startswith("#") else ("", "", text)
    date = _DATE.search(comment)
    header, _, rest = rest.partition("\n")
    if not header.startswith("cve,epss"):
        raise MalformedError("not a list of EPSS scores", where)
    scores = [_score(line, where) for line in rest.splitlines() if line]
    if not scores:
        raise MalformedError("a list of EPSS scores without a score", where)
    return scores, date[1] if date else ""


def _score(line: str, where: str) -> tuple[str, float]:
    cve, _, rest = line.partition(",")
    number = rest.partition(",")[0]
    try:
        score = float(number)
    except ValueError:
        score = -1.0
    if not is_cve(cve) or not 0 <= score <= 1:
        raise MalformedError(f"not a line of EPSS scores: {line[:80]!r}", where)
    return cve, score


def _plain(data: bytes, where: str) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    stream = zlib.decompressobj(_GZIP)
    try:
        text = stream.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise MalformedError(f"broken gzip: {error}", where) from error
    if len(text) > MAX_BYTES:
        raise LimitError(f"more than {MAX_BYTES} bytes of EPSS scores", where)
    if not stream.eof:
        raise MalformedError("a gzip file that ends too early", where)
    return text
