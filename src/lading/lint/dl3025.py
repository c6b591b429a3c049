"""DL3025: CMD, ENTRYPOINT or HEALTHCHECK in shell form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile import execform
from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Cmd, Entrypoint, Healthcheck, Onbuild, Shell, ShellChange
from lading.dockerfile.parse import Stage
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Invocation, Script
from lading.lint.subject import Subject

_COMMANDS = (Cmd, Entrypoint, Healthcheck)
_DEFAULT = ("/bin/sh", "-c")
_SINGLE_QUOTED = re.compile(r"\[\s*'[^'\"\\]*'(?:\s*,\s*'[^'\"\\]*')*\s*\]")
# What only a shell does, or would do otherwise than the program of that name.
_BUILTIN = frozenset(
    ". : [ alias bg break cd continue eval exec exit export fg getopts hash jobs local read readonly "  # noqa: SIM905 - reads better
    "return set shift source times trap type ulimit umask unalias unset wait".split()
)
_SPECIAL = re.compile(r"[*?\[~{]")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every one in shell form."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    for one in subject.instructions:
        if isinstance(one, _COMMANDS) and isinstance(one.command, Shell) and id(one) not in inside:
            yield Found(
                one.command.text.whole(),
                f'{one.name} in shell form runs below a shell: write ["program", "argument"]',
                _fix(subject, one, one.command),
            )


def _fix(subject: Subject, one: Cmd | Entrypoint | Healthcheck, command: Shell) -> Fix | None:
    scripts = subject.scripts(one)
    # The JSON form has one line, and no place for a comment.
    if subject.has_comment(command.text.whole()):
        return None
    text = command.text.text
    if _SINGLE_QUOTED.fullmatch(text):
        return _made(command, text.split("'")[1::2], safe=False)
    if len(scripts) != 1 or scripts[0].broken or not scripts[0].commands or not scripts[0].language:
        return None
    stage = subject.stage_of(one)
    if stage is None:
        return None
    script = scripts[0]
    first = script.commands[0]
    words = _plain(script, first)
    if words:
        return _made(command, words, safe=_is_alone(subject, stage, one))
    shell = _shell(subject, stage, one)
    if isinstance(one, Healthcheck):  # Nobody sends it signals.
        return _made(command, [*shell, text], safe=True)
    last = script.commands[-1]
    # `exec` hands the place of the shell to the program, which then gets the signals.
    at = _offset(script, last)
    if at is None or _is_builtin(last) or last.place.depth or last.place.length > 1 or last.place.after:
        return None
    has_exec = script.text.text[:at].rstrip().endswith("exec")
    whole = text if has_exec else f"{text[:at]}exec {text[at:]}"
    return _made(command, [*shell, whole], safe=_is_alone(subject, stage, one))


def _made(command: Shell, words: list[str], *, safe: bool) -> Fix:
    form = execform.written(words)
    return Fix(f"Write {form[:100]}", (Edit(command.text.whole(), form),), safe=safe)


def _plain(script: Script, first: Invocation) -> list[str]:
    """Return the words of a script that is one program with literal arguments; none for another one."""
    if len(script.commands) != 1 or first.redirections or first.assignments or first.place.depth:
        return []
    if first.place.after or first.place.negated or _is_builtin(first):
        return []
    if not all(word.literal and (word.quoted or not _SPECIAL.search(word.text)) for word in first.words):
        return []
    return [word.text for word in first.words]


def _is_builtin(command: Invocation) -> bool:
    return not command.words or command.name in _BUILTIN or not command.words[0].literal


def _offset(script: Script, command: Invocation) -> int | None:
    """Return where the name of a command begins in the text of the script."""
    if command.assignments or not command.words:
        return None
    start = command.words[0].span.start
    return next((at for at in range(len(script.text.text)) if script.text.at(at) == start), None)


def _is_alone(subject: Subject, stage: Stage, one: Cmd | Entrypoint | Healthcheck) -> bool:
    """Whether nothing in sight is put together with it: CMD is what an ENTRYPOINT in JSON form is given."""
    if isinstance(one, Healthcheck):
        return True
    other = Entrypoint if isinstance(one, Cmd) else Cmd
    stages = list(subject.lineage(stage))
    return not any(isinstance(each, other) for each in (i for known in stages for i in known.instructions))


def _shell(subject: Subject, stage: Stage, one: Cmd | Entrypoint | Healthcheck) -> tuple[str, ...]:
    """Return the words that SHELL has set for an instruction."""
    for known in subject.lineage(stage):
        for each in reversed(known.instructions):
            if isinstance(each, ShellChange) and (known is not stage or each.span < one.span):
                return tuple(word.value for word in each.words)
    return _DEFAULT


RULE = Rule(
    code="DL3025",
    title="CMD and ENTRYPOINT are better written in JSON form.",
    level=Level.WARNING,
    why=(
        "In shell form a shell is started first, and with it as process 1 `stop` talks to the shell, which passes "
        "no signals on: the program is killed after ten seconds without having tidied up. An ENTRYPOINT in shell form "
        "also drops the arguments it is given. The JSON form starts the program itself. Where a shell is needed, "
        "name it, and let it hand over with `exec`."
    ),
    check=check,
    fixable=True,
    aliases=("JSONArgsRecommended",),
    bad=(
        "FROM debian:12\nCMD nginx -g 'daemon off;'\n",
        "FROM debian:12\nENTRYPOINT exec java $OPTS -jar /app.jar\n",
        'FROM debian:12\nENTRYPOINT /setup && \\\n  /app --name "$NAME"\nCMD a\n',
        'FROM debian:12\nSHELL ["/bin/bash", "-lc"]\nHEALTHCHECK CMD curl -f localhost || exit 1\n',
        "FROM debian:12\nCMD ['nginx']\n",
        "FROM debian:12\nCMD a | b\n",
    ),
    good=(
        'FROM debian:12\nCMD ["nginx", "-g", "daemon off;"]\n',
        "FROM debian:12\nCMD []\n",
        "FROM debian:12\nHEALTHCHECK NONE\n",
        "FROM debian:12\nONBUILD CMD nginx\n",
    ),
)
