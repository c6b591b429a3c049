"""Runs rules over a Dockerfile: parse, check, drop what comments and configuration switch off, sort."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lading import lint
from lading.dockerfile.instruction import Instruction
from lading.dockerfile.parse import Dockerfile, parse
from lading.dockerfile.problem import Problem
from lading.dockerfile.source import Position
from lading.lint import pragma, signs
from lading.lint.finding import Finding, Outcome
from lading.lint.hadolint_config import Config
from lading.lint.pin_source import PinSource
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject
from lading.record import replace
from lading.shellcheck.answer import Ask

SYNTAX = "DL1000"
"""The code of what no build would come of, as hadolint has it."""
_HADOLINTS = ("DL", "SC")
_RULES_SAY_SO = frozenset({"before-from", "onbuild"})
Look = Callable[[bytes], Outcome]
"""`check`, but for the data all settled."""
_DEFAULT = Config()


def check(
    data: bytes,
    path: str = "Dockerfile",
    *,
    config: Config = _DEFAULT,
    context: Path | None = None,
    index: PinSource | None = None,
    rules: Iterable[Rule] | None = None,
    shellcheck: Ask | None = None,
) -> Outcome:
    """Return what is to be said of a Dockerfile; raises nothing, whatever the data.

    config: levels and what is ignored. context: folder of the build context, for rules that look into it.
    index: where fixes get versions from. rules: these instead of all. shellcheck: says what ShellCheck says of
    scripts (`sc_text.texts` tells beforehand of which); None to leave that out.
    """
    file = parse(data)
    orders = pragma.read(file, config)
    subject = Subject(file, path, config=config, context=context, index=index, shells=orders.shells)
    places = _Places(subject)
    findings: dict[Finding, tuple[str, ...]] = {
        places.syntax(one): (SYNTAX,) for one in file.errors if one.code not in _RULES_SAY_SO
    }
    for rule in _concerned(subject) if rules is None else rules:
        for found in rule.check(subject):
            one = places.finding(rule, found)
            findings[one] = (one.code, *rule.aliases)
    if shellcheck:
        from lading.lint import sc

        for found in sc.check(subject, shellcheck):
            findings[places.told(found, found.code, found.level or Level.WARNING)] = (found.code,)
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for one in sorted(findings, key=_order):
        names = findings[one]
        if one.level is not Level.IGNORE and config.ignored.isdisjoint(names):
            off = orders.suppress(names, (one.line, places.first_line(one.span.start)))
            (suppressed if off else kept).append(one)
    return Outcome(tuple(kept), file, tuple(suppressed), tuple(subject.notes), tuple(subject.unread))


def _order(one: Finding) -> tuple[object, ...]:
    return one.line, one.column, one.code, one.span, one.message


def _concerned(subject: Subject) -> Iterator[Rule]:
    """Yield the rules that may find something in the file."""
    found = signs.of(subject)
    for code, (_, *groups) in lint.RULES.items():
        if code not in subject.config.ignored and signs.have(found, groups):
            yield lint.load(code)


class _Places:
    """Turns what rules find into findings with lines and columns."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._file: Dockerfile = subject.file
        self._starts = [one.span.start for one in subject.file.instructions]

    def syntax(self, problem: Problem) -> Finding:
        """Return the finding for an error of the parser."""
        found = Found(problem.span, problem.message)
        return self._made(SYNTAX, Level.ERROR, found, self._position(problem.span.start))

    def finding(self, rule: Rule, found: Found) -> Finding:
        """Return the finding for what a rule has found."""
        return self.told(found, found.code or rule.code, found.level or rule.level, rule.aliases)

    def told(self, found: Found, code: str, level: Level, aliases: tuple[str, ...] = ()) -> Finding:
        """Return the finding of a code; its level is the configuration's, if that has one for any of its names."""
        levels = self._subject.config.levels
        named = next((levels[name] for name in (code, *aliases) if name in levels), None)
        if found.fix and not self._may_edit(found.span.start):
            found = replace(found, fix=None, could_fix=False)
        start = self._position(found.span.start)
        line = (
            found.line
            or (self.first_line(found.span.start) if code.startswith(_HADOLINTS) else 0)
            or start.line
        )
        reported = start if line == start.line else Position(line, self._first_column(line))
        return self._made(code, Level(named) if named else level, found, reported)

    def _may_edit(self, offset: int) -> bool:
        around = self._around(offset)
        if around is None or offset < around.arguments.whole().start:
            return True
        return self._subject.is_plain_shell(around)

    def _made(self, code: str, level: Level, found: Found, reported: Position) -> Finding:
        end = max(self._position(max(found.span.end, found.span.start)), reported)
        return Finding(
            file=self._subject.path,
            line=reported.line,
            column=reported.column,
            end_line=end.line,
            end_column=end.column,
            code=code,
            level=level,
            message=found.message,
            span=found.span,
            start=self._position(found.span.start),
            fixable=found.fix is not None or found.could_fix,
            safe=found.fix is not None and found.fix.safe,
            fix=found.fix,
        )

    def _position(self, offset: int) -> Position:
        return self._file.source.position(offset)

    def _around(self, offset: int) -> Instruction | None:
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return None
        one = self._file.instructions[at]
        return one if offset <= one.span.end else None

    def first_line(self, offset: int) -> int:
        """Return the first line of the instruction around an offset; 0 if there is none."""
        around = self._around(offset)
        return around.line if around else 0

    def _first_column(self, line: int) -> int:
        starts = self._file.source.starts
        if line > len(starts):  # where hadolint reports what is missing at the end
            return 1
        start = starts[line - 1]
        around = self._around(start) or self._around(self._file.source.text.find("\n", start))
        return self._position(around.span.start).column if around and around.line == line else 1
