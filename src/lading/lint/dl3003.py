"""DL3003: cd in RUN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Exec, Onbuild, Run
from lading.dockerfile.source import Span
from lading.lint import working_directory
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Invocation, Script
from lading.lint.subject import Subject

_PLAIN = re.compile(r"[\w./@+-]+")
_MESSAGE = "cd lasts until this step ends: use WORKDIR, which holds for the steps below too"
# What may stand before `cd`: it does the same in any directory.
_ANYWHERE = frozenset({"set", ":", "true"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of cd."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    for run in subject.all(Run):
        if id(run) in inside:
            continue
        for script in subject.scripts(run):
            calls = script.called("cd")
            fix = _fix(subject, run, script, calls) if calls else None
            for call in calls:
                yield Found(call.words[0].span, _MESSAGE, fix)


def _fix(subject: Subject, run: Run, script: Script, calls: tuple[Invocation, ...]) -> Fix | None:
    """Return the fix of a step that goes to one directory first, and perhaps back at its end."""
    first = calls[0]
    if isinstance(run.command, Exec) or script.is_heredoc or script.broken or run.heredocs:
        return None
    rest = script.commands[script.commands.index(first) :]
    if not _leads(script, first) or len(rest) == 1 or any(call.name in {"pushd", "popd"} for call in rest):
        return None
    if len(calls) > 1 and (len(calls) > 2 or not _is_way_back(calls[1], rest)):  # noqa: PLR2004 - there and back
        return None
    current = working_directory.before(subject, run)
    path = first.operands[0].text
    if current is None or not (path.startswith("/") or current.certain):
        return None
    target = working_directory.joined(current, path).path
    keyword = subject.keyword("WORKDIR")
    edits = [
        Edit(Span(run.keyword.span.start, run.keyword.span.start), f"{keyword} {target}\n"),
        Edit(_with_operator(subject, first, rest[1]), ""),
    ]
    if len(calls) > 1:
        edits.append(Edit(_with_operator_before(script, calls[1]), ""))
    edits.append(Edit(Span(run.span.end, run.span.end), f"\n{keyword} {current.path}"))
    return Fix(f"Use WORKDIR {target}", tuple(edits), safe=current.certain)


def _leads(script: Script, call: Invocation) -> bool:
    """Whether a plain `cd DIRECTORY` runs before all that depends on the directory."""
    plain = len(call.args) == 1 and call.args[0].literal and _PLAIN.fullmatch(call.args[0].text)
    if not plain or call.args[0].text == "-" or call.redirections or call.assignments:
        return False
    before = script.commands[: script.commands.index(call)]
    if not all(_runs_anywhere(one) and one.place.after in {"&&", ";"} for one in before):
        return False
    place = call.place
    stands_alone = place.depth == 0 and place.length == 1 and not place.negated
    starts = place.before in {"", "&&", ";"} and all(one.place.depth == 0 for one in before)
    # Something that is no simple command, such as a subshell, would stand between.
    begins = _begins(script, before[0] if before else call)
    return stands_alone and starts and begins and place.after in {"&&", ";"}


def _runs_anywhere(command: Invocation) -> bool:
    """Whether a command does the same in any directory, and does not mind that WORKDIR has made it."""
    if command.name == "mkdir":
        return command.has_flag("p", "parents") and all(
            arg.text.startswith("/") for arg in command.operands_without("m", "mode")
        )
    return command.name in _ANYWHERE


def _begins(script: Script, call: Invocation) -> bool:
    return call.span.start == script.text.stripped().at(0)


def _is_way_back(call: Invocation, rest: tuple[Invocation, ...]) -> bool:
    """Whether a `cd` is the last thing a step does."""
    place = call.place
    return call is rest[-1] and place.depth == 0 and place.before in {"&&", ";"} and not place.after


def _with_operator(subject: Subject, call: Invocation, following: Invocation) -> Span:
    """Return the span of a call, the operator behind it, and what parts that from the next command.

    Where there is more than blanks, line ends and a group's parenthesis, such as a comment, it stays.
    """
    start, end = call.span.start, call.place.after_span.end
    between = subject.text(Span(end, following.span.start))
    blanks = len(between) - len(between.lstrip(" \t"))
    if not between.strip(" \t\r\n" + subject.file.escape):
        blanks = len(between)
    return Span(start, end + blanks)


def _with_operator_before(script: Script, call: Invocation) -> Span:
    """Return the span of a call, the operator before it, and the blanks before that."""
    start = call.place.before_span.start
    index = next(at for at in range(len(script.text.text)) if script.text.at(at) >= start)
    blanks = script.text.text[:index]
    return Span(script.text.at(len(blanks.rstrip(" \t")) - 1) + 1, call.span.end)


RULE = Rule(
    code="DL3003",
    title="Use WORKDIR to change the directory.",
    level=Level.WARNING,
    why=(
        "A `cd` holds until the end of its step, so the next step has to repeat it, and where files end up depends on a "
        "chain of commands. WORKDIR says it once, makes the directory if it is missing, and shows in the history of "
        "the image."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN cd /srv && make\n",
        "FROM scratch\nWORKDIR /\nRUN set -e; cd srv && make\nRUN b\n",
        "FROM debian:12\nWORKDIR /app\nRUN cd /srv && \\\n    make && \\\n    cd -\n",
        "FROM debian:12\nRUN mkdir -p /srv/a && cd /srv/a; make\n",
        "FROM debian:12\nRUN (cd /srv && make)\n",
        "FROM debian:12\nRUN cd\n",
        "FROM debian:12\nRUN <<EOF\ncd /srv\nmake\nEOF\n",
        'FROM debian:12\nRUN ["cd", "/srv"]\n',
    ),
    good=(
        "FROM debian:12\nWORKDIR /srv\nRUN make\n",
        "FROM debian:12\nRUN make -C /srv\n",
        "FROM debian:12\nRUN echo cd /srv\n",
        "FROM debian:12\nRUN pushd /srv\n",
        "FROM debian:12\nONBUILD RUN cd /srv && make\n",
    ),
)
