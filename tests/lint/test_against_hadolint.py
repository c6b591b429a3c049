"""hadolint's rules, against hadolint itself: the same lines for the same codes, with the same levels.

hadolint has ShellCheck built in; of all that it says of a RUN hadolint keeps the last, so that is what is compared.
What differs on purpose stands in docs/hadolint-differences.md, with the files of the corpus that show it; a
row that nothing shows any longer is an error too. A file `NAME.yaml` beside `NAME.Dockerfile` is its configuration.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

import needs
from lading.lint import RULES, checking, hadolint_config
from lading.lint.finding import Finding, Outcome
from lading.record import replace
from lading.shellcheck.batches import Batches
from lading.shellcheck.program import Program

CORPUS = Path(__file__).with_name("corpus")
FILES = sorted(CORPUS.glob("*.Dockerfile"))
DIFFERENCES = needs.ROOT / "docs" / "hadolint-differences.md"
_ROW = re.compile(r"\| ((?:DL|SC)\d{4}) \| (.+) \| (hadolint|Lading) \| (.{20,}) \|")
_HADOLINT = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
MIN_FILES = 400
MIN_CODES = 80


class Seen(NamedTuple):
    """A finding, as far as both programs know it."""

    line: int
    code: str
    level: str


class _Reported(msgspec.Struct):
    """A finding of hadolint's."""

    file: str
    line: int
    code: str
    level: str


class Difference(NamedTuple):
    """A row: these files show findings of this code that only one program has."""

    code: str
    names: tuple[str, ...]
    only: str

    def covers(self, name: str, code: str, only: str) -> bool:
        return (
            code == self.code
            and only == self.only
            and any(fnmatchcase(name, pattern) for pattern in self.names)
        )


def differences() -> list[Difference]:
    rows = [
        _ROW.fullmatch(line)
        for line in DIFFERENCES.read_text().splitlines()
        if line.startswith(("| DL", "| SC"))
    ]
    assert None not in rows, "a row is not of the form | code | `files` | hadolint or Lading | reason |"
    return [Difference(row[1], tuple(re.findall(r"`([^`]+)`", row[2])), row[3]) for row in rows if row]


@functools.cache
def by_hadolint() -> dict[str, set[Seen]]:
    """Ask hadolint, once for each configuration."""
    groups: dict[bytes, list[Path]] = defaultdict(list)
    for path in FILES:
        settings = path.with_suffix(".yaml")
        groups[settings.read_bytes() if settings.exists() else b""].append(path)
    found: dict[str, set[Seen]] = defaultdict(set)
    for paths in groups.values():
        settings = paths[0].with_suffix(".yaml")
        for one in _asked(settings if settings.exists() else None, paths):
            if one.code in RULES or one.code == checking.SYNTAX or one.code.startswith("SC"):
                found[Path(one.file).stem].add(Seen(one.line, one.code, one.level))
    return found


def _asked(settings: Path | None, paths: list[Path]) -> list[_Reported]:
    chosen = ["--config", str(settings)] if settings else []
    command = [str(_HADOLINT), "--no-fail", "--format", "json", *chosen, *map(str, paths)]
    environ = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, timeout=300, check=True, env=environ, cwd=CORPUS)
    return msgspec.json.decode(done.stdout, type=list[_Reported])


@functools.cache
def by_lading() -> dict[str, set[Seen]]:
    found = {}
    shellcheck = Batches(Program(needs.shellcheck(), os.environ).run)
    for path in FILES:
        file = path.with_suffix(".yaml")
        chosen = hadolint_config.load(file) if file.exists() else hadolint_config.Config()
        outcome = checking.check(path.read_bytes(), path.name, config=chosen, shellcheck=shellcheck.ask)
        plain = replace(chosen, ignored=frozenset(), levels={}, pragmas=False)
        last = lasts(checking.check(path.read_bytes(), config=plain, rules=[], shellcheck=shellcheck.ask))
        found[path.stem] = {
            Seen(one.line, one.code, str(one.level))
            for one in outcome.findings
            if one.code.startswith("DL") or _place(one) == last.get(one.line)
        }
    shellcheck.close()
    assert shellcheck.broken is None
    return found


def lasts(outcome: Outcome) -> dict[int, tuple[object, ...]]:
    """Return for each RUN, by its line, the last of ShellCheck's findings, in its order: place, level, number."""
    said = [one for one in outcome.findings if one.code.startswith("SC")]
    said.sort(key=lambda one: (one.start, one.level.rank, int(one.code.removeprefix("SC"))))
    return {one.line: _place(one) for one in said}


def _place(one: Finding) -> tuple[object, ...]:
    return one.code, one.start, one.message


def test_the_corpus_is_large_enough() -> None:
    assert len(FILES) >= MIN_FILES


@pytest.mark.skipif(_HADOLINT is None, reason="not installed: hadolint")
@pytest.mark.parametrize("code", [code for code in RULES if code.startswith("DL")])
def test_the_corpus_covers_a_rule_both_ways(code: str) -> None:
    """hadolint finds it in some files, and in others that were written for this rule it does not."""
    found = {name for name, seen in by_hadolint().items() if any(one.code == code for one in seen)}
    assert found
    about = {path.stem for path in FILES if path.stem.startswith(code.lower())}
    assert about - found


@pytest.mark.skipif(_HADOLINT is None, reason="not installed: hadolint")
def test_the_corpus_covers_shellcheck() -> None:
    """Each group of its codes: what it cannot read, what is odd in any shell, and what is not there in some."""
    codes = Counter(
        one.code[:3] for seen in by_hadolint().values() for one in seen if one.code.startswith("SC")
    )
    assert set(codes) == {"SC1", "SC2", "SC3"}
    assert (
        len({one.code for seen in by_hadolint().values() for one in seen if one.code.startswith("SC")})
        >= MIN_CODES
    )


@pytest.mark.skipif(_HADOLINT is None, reason="not installed: hadolint")
@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_both_say_the_same(name: str) -> None:
    """Where hadolint cannot read a file it says nothing else, so then only that counts."""
    theirs, ours = by_hadolint()[name], by_lading()[name]
    if any(one.code == checking.SYNTAX for one in theirs):
        ours = {one for one in ours if one.code == checking.SYNTAX}
    rows = differences()
    unexplained = [
        (only, one)
        for only, those in (("hadolint", theirs - ours), ("Lading", ours - theirs))
        for one in sorted(those)
        if not any(row.covers(name, one.code, only) for row in rows)
    ]
    assert unexplained == []


@pytest.mark.skipif(_HADOLINT is None, reason="not installed: hadolint")
def test_every_difference_is_still_one() -> None:
    theirs, ours = by_hadolint(), by_lading()
    idle = []
    for row in differences():
        for pattern in row.names:
            names = [path.stem for path in FILES if fnmatchcase(path.stem, pattern)]
            sides = (theirs, ours) if row.only == "hadolint" else (ours, theirs)
            shown = any(
                one.code == row.code and one not in sides[1][name] for name in names for one in sides[0][name]
            )
            if not shown:
                idle.append((row.code, pattern, row.only))
    assert idle == []
