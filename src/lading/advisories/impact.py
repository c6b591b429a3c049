"""What an attacker gains: from CWE, CVSS vector and a few set phrases of the summary.

1. A CWE names the kind of flaw, and the kind what can be gained by it (`_KINDS`). CWEs that say
   only where the mistake lies (CWE-20, CWE-703) tell nothing.
2. The vector may contradict: a kind of gain counts only if the vector's losses allow it. Tampering and
   code execution need a loss of integrity, code execution by a memory error a *high* one; an
   information leak needs a loss of confidentiality, denial of service one of availability, higher
   privileges either of confidentiality or integrity. (CVSS 4: of the vulnerable or the next system.)
3. The vector adds its own: confidentiality -> information leak, integrity -> tampering,
   availability -> denial of service.
4. If no CWE speaks: total loss of all three (C, I and A high) is control over the process.
   From the network or an adjacent one, or through a user who opens something, it is code execution;
   from a local account without anybody's help it is privilege escalation.
5. Without CWE and vector: set phrases of the summary ("remote code execution", "SQL injection"), and
   the categories of RustSec, stand for the CWE that they name.

Without any of these the answer is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from lading.model.severity import Impact

_CODE, _PRIVILEGE, _LEAK = Impact.CODE_EXECUTION, Impact.PRIVILEGE_ESCALATION, Impact.INFORMATION_LEAK
_TAMPER, _DENIAL = Impact.TAMPERING, Impact.DENIAL_OF_SERVICE


def _cwes(numbers: str) -> frozenset[int]:
    return frozenset(map(int, numbers.split()))


# Numbers of https://cwe.mitre.org/. A CWE may stand in several rows.
_KINDS: tuple[tuple[frozenset[Impact], frozenset[int]], ...] = (
    # injected commands, templates, expressions, objects, programs, libraries
    (
        frozenset({_CODE}),
        _cwes("77 78 88 94 95 96 97 98 114 426 427 428 434 470 494 502 506 624 829 913 917 1336"),
    ),
    # memory written out of bounds, or used after its end
    (
        frozenset({_CODE, _DENIAL}),
        _cwes("119 120 121 122 123 124 131 134 190 191 415 416 590 680 763 787 822 823 824 825 843"),
    ),
    # somebody else's rights
    (
        frozenset({_PRIVILEGE}),
        _cwes(
            "250 264 265 266 267 268 269 270 271 272 273 274 276 277 280 281 282 284 285 287 "
            "288 289 290 294 302 303 304 305 306 307 384 425 441 521 566 613 620 639 640 648 "
            "732 798 862 863 1188 1390 1391 1392"
        ),
    ),
    # read what was not meant to be read
    (
        frozenset({_LEAK}),
        _cwes(
            "22 23 24 25 26 27 35 36 37 59 61 73 89 125 126 127 200 201 202 203 "
            "204 205 208 209 212 213 214 215 226 244 256 257 260 261 295 311 312 313 316 319 "
            "321 325 326 327 328 330 331 335 338 359 377 378 379 402 403 488 497 522 524 525 "
            "530 532 538 540 548 552 598 611 614 643 668 776 908 909 916 918 922 943 1004 1230 "
            "1258 1275 1295 1300 1303 1421 1423"
        ),
    ),
    # write or pass off what was not meant to be
    (
        frozenset({_TAMPER}),
        _cwes(
            "22 23 29 35 36 59 61 73 74 79 80 83 84 85 86 87 89 90 91 93 "
            "113 117 150 290 295 297 345 346 347 349 350 352 353 354 367 377 379 436 444 451 "
            "601 610 643 644 915 940 943 1021 1236 1321"
        ),
    ),
    # stop it, fill it up, wear it out
    (
        frozenset({_DENIAL}),
        _cwes(
            "125 193 248 369 399 400 401 404 405 407 409 410 459 476 606 617 662 664 665 667 "
            "674 682 690 730 754 755 770 771 772 775 776 788 789 799 833 834 835 908 920 1050 "
            "1176 1284 1325 1333"
        ),
    ),
)
_INJECTION = _KINDS[0][1]
_OF_LOSS = {"C": _LEAK, "I": _TAMPER, "A": _DENIAL}
_PHRASES: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), cwe)
    for words, cwe in (
        (r"(?:remote|arbitrary) code execution|(?:execute|execution of|run) arbitrary code|RCE", 94),
        (r"(?:code|command|argument|template) injection", 78),
        (r"(?:execute|execution of|run) arbitrary commands", 78),
        (r"deseriali[sz]ation of untrusted", 502),
        (r"(?:malicious|malware) (?:code|package|crate|version)|embedded malicious code", 506),
        (r"buffer overflow|heap overflow|stack overflow|use[- ]after[- ]free|double[- ]free", 787),
        (r"memory corruption|memory-corruption|out[- ]of[- ]bounds write", 787),
        (r"privilege escalation|privilege-escalation|escalation of privileges?", 269),
        (r"(?:authentication|authorization|authorisation|access control) bypass", 287),
        (r"information (?:disclosure|leak|exposure)|memory disclosure|memory exposure|memory-exposure", 200),
        (r"file-disclosure|(?:path|directory) traversal|out[- ]of[- ]bounds read", 200),
        (r"cross[- ]site[- ]scripting|XSS|cross[- ]site request forgery|CSRF|open redirect", 79),
        (r"(?:request|response) (?:smuggling|splitting)|format-injection|prototype pollution", 74),
        (r"SQL injection", 89),
        (r"server[- ]side request forgery|SSRF", 918),
        (r"denial[- ]of[- ]service|DoS|ReDoS|infinite loop|memory exhaustion|stack exhaustion", 400),
    )
)
_MAX_SUMMARY_CHARS = 1000


def impacts(
    cwes: Iterable[str], vector: str, summary: str = "", words: Iterable[str] = ()
) -> tuple[Impact, ...]:
    """Return what is gained, gravest first.

    cwes: `CWE-79`. vector: CVSS of any version, or empty. summary, words: looked at only if
    neither tells anything.
    """
    found = _by_rules(tuple(sorted(set(cwes))), vector)
    if found:
        return found
    text = " ".join((summary[:_MAX_SUMMARY_CHARS], *words))
    return _by_rules(tuple(f"CWE-{cwe}" for phrase, cwe in _PHRASES if phrase.search(text)), vector)


@lru_cache(maxsize=2**14)
def _by_rules(cwes: tuple[str, ...], vector: str) -> tuple[Impact, ...]:
    numbers = {int(cwe[4:]) for cwe in cwes if cwe[:4] == "CWE-" and cwe[4:].isdecimal() and len(cwe) < 10}  # noqa: PLR2004 -- four digits today
    kinds: set[Impact] = set().union(*(gains for gains, members in _KINDS if numbers & members))
    losses = _losses(_metrics(vector))
    if losses:
        if _CODE in kinds and not numbers & _INJECTION and losses["I"] != "H":
            kinds.discard(_CODE)
        if not kinds and set(losses.values()) == {"H"}:
            kinds.add(_PRIVILEGE if _alone_and_local(_metrics(vector)) else _CODE)
        kinds = {kind for kind in kinds if _allowed(kind, losses)}
        kinds |= {
            kind for loss, kind in (("C", _LEAK), ("I", _TAMPER), ("A", _DENIAL)) if losses[loss] != "N"
        }
    return tuple(kind for kind in Impact if kind in kinds)


def _allowed(kind: Impact, losses: dict[str, str]) -> bool:
    needs = {_CODE: "I", _TAMPER: "I", _LEAK: "C", _DENIAL: "A", _PRIVILEGE: "CI"}[kind]
    return any(losses[need] != "N" for need in needs)


def _metrics(vector: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition(":") for part in vector.split("/"))}


def _losses(metrics: dict[str, str]) -> dict[str, str]:
    """Return loss of C, I and A as `H`, `L` or `N`; empty if there is no vector."""
    found = {}
    for loss in "CIA":
        values = {metrics.get(loss), metrics.get("V" + loss), metrics.get("S" + loss)} - {None}
        if not values:
            return {}
        # version 2 says complete, partial, none
        found[loss] = "H" if values & {"H", "C"} else "L" if values & {"L", "P"} else "N"
    return found


def _alone_and_local(metrics: dict[str, str]) -> bool:
    """Tell whether it takes a local account, and nobody who opens or clicks anything."""
    account = metrics.get("PR", "N") != "N" or metrics.get("Au", "N") != "N"
    return metrics.get("AV") == "L" and metrics.get("UI", "N") == "N" and account
