"""`lading lint [FILE|DIR ...]`: what a careful engineer would change in a Dockerfile, and changes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from lading.cli import lint_files, lint_output, lint_shellcheck, options, tell
from lading.dockerfile.source import Source
from lading.errors import LadingError, LimitError, UsageError
from lading.lint import checking
from lading.lint.finding import Finding
from lading.lint.hadolint_config import Config
from lading.lint.output.format import Linted
from lading.lint.pin_source import PinSource
from lading.lint.rule import Level
from lading.record import Record, replace
from lading.settings import Settings

NEVER = "never"
_LEVELS = {level.value: level.rank for level in Level} | {"none": Level.IGNORE.rank, NEVER: -1}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE|DIR",
        help="Dockerfiles; folders, in which all are taken; - for standard input (default: Dockerfile)",
    )
    _add_rules(parser)
    _add_fixes(parser)
    lint_output.add(parser)
    options.add_common(parser)
    parser.set_defaults(run=run, logs_later=True)


def _add_rules(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rules")
    group.add_argument(
        "--ignore", action="append", default=[], metavar="CODE[,CODE]", help="do not report these"
    )
    group.add_argument(
        "--fail-on",
        dest="threshold",
        choices=_LEVELS,
        metavar="LEVEL",
        help="exit with 1 for findings at least as bad: error, warning, info, style, none (any), never (default: info)",
    )
    group.add_argument(
        "--context",
        type=Path,
        metavar="DIR",
        help="folder of the build context (default: here, for ./Dockerfile)",
    )
    group.add_argument("--baseline", type=Path, metavar="FILE", help="report only what is not in this file")
    group.add_argument("--write-baseline", action="store_true", help="put into that file what is found now")
    lint_shellcheck.add(group)
    group.add_argument("--explain", metavar="CODE", help="tell of a rule: why it is there, and examples")
    group.add_argument("--list-rules", action="store_true", help="tell of all rules in a line each")


def _add_fixes(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fixes")
    group.add_argument(
        "--fix", action="store_true", help="make the changes that leave alone what the image does"
    )
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: make all changes")
    group.add_argument("--diff", action="store_true", help="show the changes and make none")
    group.add_argument(
        "--offline", action="store_true", default=None, help="ask no index for versions to pin"
    )


class _Work(Record):
    """What is to be done with each file.

    index: for pins. keep: says which findings are reported. shell: asks ShellCheck; None without it.
    """

    config: Config
    args: argparse.Namespace
    index: PinSource | None
    keep: Callable[[tuple[Finding, ...], Source], tuple[Finding, ...]] | None
    shell: lint_shellcheck.Shell | None


def run(args: argparse.Namespace) -> int:
    """Write what is found; with `--fix` change the files, with `--diff` show how.

    Return 1 if a finding is as bad as `--fail-on` says, 3 if a file could not be read or written, else 0.
    """
    if args.explain or args.list_rules:
        from lading.cli.lint_rules import tell_rules

        return tell_rules(args.explain)
    from lading.cli.lint_settings import settings

    _check(args)
    if args.fix or args.diff:  # nothing else logs, and what logs is slow to load
        from lading.cli import logs

        logs.begin(args)
    sinks = lint_output.sinks(args)
    held = settings(args)
    names, problems = lint_files.chosen(args.files)
    done: list[Linted] = []
    with lint_shellcheck.opened(held, debug=args.debug) as shell:
        work = _work(args, held, shell)
        for name, data in lint_shellcheck.read(names, problems, work.config, shell):
            try:
                done.append(_linted(name, data, work, problems))
            except LadingError as error:
                problems.append(error)
        if shell and shell.broken:
            problems.append(shell.broken)
    for problem in problems:
        tell.line(str(problem), problem.hint)
    if args.write_baseline:
        from lading.lint.baseline import made

        lint_output.put(args.baseline, made(((one.findings, one.source) for one in done), args.baseline))
    else:
        lint_output.write(tuple(done), sinks, args)
        if _fails((finding.level for one in done for finding in one.findings), work):
            return 1
    return LadingError.exit_status if problems else 0


def _check(args: argparse.Namespace) -> None:
    """Raise `UsageError` for options that make no sense together."""
    if args.unsafe_fixes and not (args.fix or args.diff):
        raise UsageError(
            "--unsafe-fixes says which fixes are made", hint="add --fix to make them, or --diff to see them"
        )
    if args.write_baseline and args.baseline is None:
        raise UsageError("--write-baseline needs to know where to", hint="add --baseline FILE")
    if args.write_baseline and (args.fix or args.diff):
        raise UsageError("--write-baseline takes findings as they are: not with --fix or --diff")
    if args.files.count(lint_files.STANDARD_INPUT) > 1:
        raise UsageError("standard input can be read only once")
    if args.context is not None and not args.context.is_dir():
        raise UsageError(f"--context must be a folder: {args.context}")


def _work(args: argparse.Namespace, held: Settings, shell: lint_shellcheck.Shell | None) -> _Work:
    from lading.cli.lint_settings import config, index

    chosen = config(args, held)
    ignored = {code.strip() for text in args.ignore for code in text.split(",") if code.strip()}
    if not args.quiet:
        _warn_of_unknown(ignored)
    if ignored:
        chosen = replace(chosen, ignored=chosen.ignored | ignored)
    keep = None
    if args.baseline and not args.write_baseline:
        from lading.lint.baseline import read

        keep = read(args.baseline).new
    return _Work(chosen, args, index(held) if args.fix or args.diff else None, keep, shell)


def _warn_of_unknown(codes: Iterable[str]) -> None:
    from lading import lint

    for code in sorted(codes):
        if code not in lint.RULES and not code.startswith("SC") and code != checking.SYNTAX:
            tell.line(f"--ignore: there is no rule {code}")


def _linted(name: str, data: bytes, work: _Work, problems: list[LadingError]) -> Linted:
    """Look at a file and, where wanted, fix it; return what there is to report.

    What could not be looked at is added to the problems. Raises `LadingError` if the file cannot be read or written.
    """
    ask = work.shell.ask if work.shell else None
    context = work.args.context or lint_files.context_of(name)
    if work.args.fix or work.args.diff:
        from lading.cli import lint_fix

        if name != lint_files.STANDARD_INPUT:  # it was read ahead, and somebody may have changed it since
            data = lint_files.read(name)
        wanted = lint_fix.Wanted(
            work.config, context, work.index, unsafe=work.args.unsafe_fixes, shellcheck=ask
        )
        data = lint_fix.show(name, data, wanted) if work.args.diff else lint_fix.change(name, data, wanted)
    outcome = checking.check(
        data, name, config=work.config, context=context, index=work.index, shellcheck=ask
    )
    problems += [LimitError(one, name) for one in outcome.unread]
    source = outcome.file.source
    findings = work.keep(outcome.findings, source) if work.keep else outcome.findings
    return Linted(name, source, findings, outcome.suppressed)


def _fails(levels: Iterable[Level], work: _Work) -> bool:
    """Tell whether there is a level at or above the threshold, of flag or configuration."""
    threshold = work.args.threshold
    if threshold is None:
        threshold = NEVER if work.config.no_fail else work.config.failure_threshold
    return any(level.rank <= _LEVELS.get(threshold, Level.INFO.rank) for level in levels)
