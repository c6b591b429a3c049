"""From a logical line to a typed instruction: one function for each kind.

Each takes the instruction as it is known so far, and gives the typed one, or the problem that stands in the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lading.dockerfile import execform, flag, heredoc, words
from lading.dockerfile.execform import Other
from lading.dockerfile.instruction import (
    Add,
    Arg,
    Broken,
    Cmd,
    Command,
    Copy,
    Definition,
    Entrypoint,
    Env,
    Exec,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Pair,
    Run,
    Shell,
    ShellChange,
    StopSignal,
    User,
    Volume,
    Workdir,
)
from lading.dockerfile.logical import LogicalLine
from lading.dockerfile.problem import Gravity, Problem
from lading.dockerfile.source import SPACES, Joined, Span
from lading.dockerfile.words import Word
from lading.errors import LadingError
from lading.record import replace, values

_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_NETWORKS = frozenset({"default", "none", "host"})
_SECURITIES = frozenset({"insecure", "sandbox"})
_MIN_INTERVAL_NS = 10**6
_RETRY_DIGITS = 10
_NOT_AFTER_ONBUILD = frozenset({"ONBUILD", "MAINTAINER", "FROM"})

Result = Instruction | Problem


def read(line: LogicalLine, escape: str) -> tuple[Instruction, list[Problem]]:
    """Return the instruction of a logical line, heredocs left out, and what is wrong with it.

    An instruction that something essential is wrong with comes as `Broken`.
    """
    return _read(line.joined, line, escape)


def _read(text: Joined, line: LogicalLine, escape: str) -> tuple[Instruction, list[Problem]]:
    keyword, rest = words.first(text.stripped())
    found = words.flags(rest, escape)
    raw = Broken(
        keyword=words.word(keyword),
        name=keyword.text.upper(),
        span=Span(keyword.at(0), line.span.end),
        line=line.first,
        end_line=line.last,
        text=text,
        arguments=rest.part(found.rest, len(rest.text)).stripped(),
        flags=flag.read(found.words),
        comments=line.comments,
    )
    if line.too_long:
        return raw, []
    reader = _READERS.get(raw.name)
    if reader is None:
        message = (
            f"there is no instruction {keyword.text[:80]}" if keyword.text else "an instruction is missing"
        )
        return raw, [Problem("instruction-unknown", message, raw.keyword.span)]
    problems = list(_flag_problems(raw))
    if raw.name == "ONBUILD":
        return _onbuild(raw, line, escape, problems)
    typed = reader(raw, escape)
    if isinstance(typed, Problem):
        return raw, [*problems, typed]
    return typed, problems


def _onbuild(
    raw: Broken, line: LogicalLine, escape: str, problems: list[Problem]
) -> tuple[Instruction, list[Problem]]:
    if not raw.arguments.text:
        return raw, [*problems, _wrong(raw, "arguments", "ONBUILD needs an instruction")]
    first = words.first(raw.arguments)[0].text.upper()
    if first == "ONBUILD":
        # Not read any further: nobody needs to know what stands below ten thousand of them.
        return raw, [*problems, _wrong(raw, "onbuild", "ONBUILD cannot follow ONBUILD")]
    inner, found = _read(raw.arguments, replace(line, comments=()), escape)
    if first in _NOT_AFTER_ONBUILD:
        return raw, [*problems, _wrong(raw, "onbuild", f"{first} cannot follow ONBUILD")]
    # A build takes most of what is wrong here, and the image made from it is the one that fails.
    softened = [one if one.code in _AT_ONCE else replace(one, gravity=Gravity.WARNING) for one in found]
    return _typed(raw, Onbuild, inner=inner), [*problems, *softened]


# What is wrong inside of ONBUILD is found at once, or only by the next build.
_AT_ONCE = frozenset({"json-mixed", "pair-form"})


def _typed(raw: Instruction, kind: type[Instruction], /, **more: Any) -> Instruction:  # noqa: ANN401 - the fields of any kind
    return kind(**values(raw), **more)


def _wrong(raw: Instruction, code: str, message: str, span: Span | None = None) -> Problem:
    return Problem(code, message, span or (raw.arguments.whole() if raw.arguments.text else raw.keyword.span))


def _flag_problems(raw: Instruction) -> Iterator[Problem]:
    # BuildKit does not look at the flags of a HEALTHCHECK that is none.
    if raw.name == "HEALTHCHECK" and words.first(raw.arguments)[0].text.upper() == "NONE":
        return
    yield from flag.check(raw.name, raw.flags)
    for given in raw.flags:
        message = _flag_value(raw.name, given.name, given.value or "")
        if message and given.value is not None:
            yield Problem("flag-value", message, given.span)


def _flag_value(name: str, key: str, value: str) -> str:
    """Return what is wrong with the value of a flag; empty if nothing is."""
    if name == "RUN" and key == "network" and value not in _NETWORKS:
        return f"--network is one of default, none, host, not {value[:80]!r}"
    if name == "RUN" and key == "security" and value not in _SECURITIES:
        return f"--security is one of insecure, sandbox, not {value[:80]!r}"
    try:
        if name == "RUN" and key == "mount":
            from lading.dockerfile import mount

            mount.parse(value)
        elif name == "RUN" and key == "device":
            from lading.dockerfile import device

            device.parse(value)
        elif name == "HEALTHCHECK" and key == "retries":
            return _retries(value)
        elif name == "HEALTHCHECK" and value and key in flag.FLAGS[name]:
            return _interval(key, value)
    except LadingError as error:
        return f"--{key}: {error.message}"
    return ""


def _retries(value: str) -> str:
    digits = value[1:] if value[:1] in {"-", "+"} else value
    whole = digits.isascii() and digits.isdigit() and len(digits) <= _RETRY_DIGITS and int(digits) < 2**31
    if value and not (whole and not (value[0] == "-" and int(digits))):
        return f"--retries is a whole number, not {value[:80]!r}"
    return ""


def _interval(key: str, value: str) -> str:
    from lading.dockerfile import duration

    length = duration.nanoseconds(value)
    return f"--{key} is less than 1ms" if length and length < _MIN_INTERVAL_NS else ""


def _command(raw: Instruction, joined: Joined) -> Command | Problem:
    read_ = execform.read(joined)
    if read_ is Other.MIXED:
        return _wrong(raw, "json-mixed", "an exec form has strings only", joined.whole())
    return Shell(joined) if isinstance(read_, Other) else Exec(read_)


def _run(raw: Instruction, _: str) -> Result:
    command = _command(raw, raw.arguments)
    return command if isinstance(command, Problem) else _typed(raw, Run, command=command)


def _cmd(raw: Instruction, _: str) -> Result:
    command = _command(raw, raw.arguments)
    return command if isinstance(command, Problem) else _typed(raw, Cmd, command=command)


def _entrypoint(raw: Instruction, _: str) -> Result:
    command = _command(raw, raw.arguments)
    return command if isinstance(command, Problem) else _typed(raw, Entrypoint, command=command)


def _shell(raw: Instruction, _: str) -> Result:
    command = _command(raw, raw.arguments)
    if isinstance(command, Problem):
        return command
    if isinstance(command, Shell):
        return _wrong(raw, "shell-form", 'SHELL needs the JSON form: SHELL ["program", "argument"]')
    if not command.words:
        return _wrong(raw, "arguments", "SHELL needs at least one argument")
    return _typed(raw, ShellChange, words=command.words)


def _healthcheck(raw: Instruction, _: str) -> Result:
    kind, rest = _first_by_spaces(raw.arguments)
    if not kind.text:
        return _wrong(raw, "arguments", "HEALTHCHECK needs CMD with a command, or NONE")
    command = _command(raw, rest)
    if isinstance(command, Problem):
        return command
    empty = not (command.words if isinstance(command, Exec) else command.text.text)
    name = kind.text.upper()
    if name == "NONE":
        if not empty:
            return _wrong(raw, "arguments", "HEALTHCHECK NONE takes no arguments", rest.whole())
        return _typed(raw, Healthcheck, kind=words.word(kind))
    if name != "CMD":
        return _wrong(
            raw, "healthcheck", f"HEALTHCHECK takes CMD or NONE, not {kind.text[:80]!r}", kind.whole()
        )
    if empty:
        return _wrong(raw, "arguments", "HEALTHCHECK CMD needs a command")
    return _typed(raw, Healthcheck, kind=words.word(kind), command=command)


def _first_by_spaces(joined: Joined) -> tuple[Joined, Joined]:
    text = joined.text
    end = next((at for at, char in enumerate(text) if char in SPACES), len(text))
    start = len(text) - len(text[end:].lstrip(SPACES))
    return joined.part(0, end), joined.part(start, len(text))


def _list(raw: Instruction) -> tuple[tuple[Word, ...], bool] | Problem:
    """Return the words of arguments that may be a JSON array, and whether they are one."""
    read_ = execform.read(raw.arguments)
    if read_ is Other.MIXED:
        return _wrong(raw, "json-mixed", "a JSON form has strings only")
    return (words.by_blanks(raw.arguments), False) if isinstance(read_, Other) else (read_, True)


def _copy(raw: Instruction, _: str) -> Result:
    return _transfer(raw, Copy)


def _add(raw: Instruction, _: str) -> Result:
    return _transfer(raw, Add)


def _transfer(raw: Instruction, kind: type[Copy | Add]) -> Result:
    found = _list(raw)
    if isinstance(found, Problem):
        return found
    *sources, target = found[0] or (Word("", raw.keyword.span),)
    if not sources:
        return _wrong(raw, "arguments", f"{raw.name} needs at least one source and a target")
    if _announces(target):
        return _wrong(raw, "heredoc-target", f"{raw.name} cannot take a heredoc as its target", target.span)
    inline = tuple(number for number, word in enumerate(sources) if _announces(word))
    return _typed(raw, kind, sources=tuple(sources), target=target, is_json=found[1], inline=inline)


def _announces(word: Word) -> bool:
    try:
        return heredoc.announced(word.value) is not None
    except LadingError:
        return False


def _env(raw: Instruction, escape: str) -> Result:
    pairs = _pairs(raw, escape)
    return pairs if isinstance(pairs, Problem) else _typed(raw, Env, pairs=pairs)


def _label(raw: Instruction, escape: str) -> Result:
    pairs = _pairs(raw, escape)
    return pairs if isinstance(pairs, Problem) else _typed(raw, Label, pairs=pairs)


def _pairs(raw: Instruction, escape: str) -> tuple[Pair, ...] | Problem:
    parts = words.by_quotes(raw.arguments, escape)
    if not parts:
        return _wrong(raw, "arguments", f"{raw.name} needs at least one name and value")
    if "=" not in parts[0].text:
        name, value = words.first(raw.arguments)
        if not value.text:
            return _wrong(raw, "pair-form", f"{raw.name} needs a value: {raw.name} {name.text[:80]}=")
        return (Pair(words.word(name), words.word(value), has_equals=False),)
    pairs = []
    for part in parts:
        at = part.text.find("=")
        if at < 0:
            message = f"{part.text[:80]!r} has no =: quote values that have spaces"
            return _wrong(raw, "pair-form", message, part.whole())
        value = part.part(at + 1, len(part.text))
        pairs.append(Pair(words.word(part.part(0, at)), words.word(value)))
    for pair in pairs:
        if not pair.name.value:
            return _wrong(raw, "arguments", f"{raw.name} needs a name before =", pair.name.span)
    return tuple(pairs)


def _arg(raw: Instruction, escape: str) -> Result:
    definitions = []
    for part in words.by_quotes(raw.arguments, escape):
        at = part.text.find("=")
        if at == 0:
            return _wrong(raw, "arguments", "ARG needs a name before =", part.whole())
        name = words.word(part if at < 0 else part.part(0, at))
        default = None if at < 0 else words.word(part.part(at + 1, len(part.text)))
        definitions.append(Definition(name, default))
    if not definitions:
        return _wrong(raw, "arguments", "ARG needs at least one name")
    return _typed(raw, Arg, definitions=tuple(definitions))


def _from(raw: Instruction, _: str) -> Result:
    found = words.by_blanks(raw.arguments)
    if len(found) == 1:
        return _typed(raw, From, image=found[0])
    if len(found) != len(("image", "AS", "name")) or found[1].value.upper() != "AS":
        return _wrong(raw, "arguments", "FROM has the form FROM image, or FROM image AS name")
    stage = found[2].value.lower()
    if not _STAGE_NAME.fullmatch(stage):
        message = f"{found[2].value[:80]!r} is not a stage name: a letter, then letters, digits, - _ ."
        return _wrong(raw, "stage-name", message, found[2].span)
    return _typed(raw, From, image=found[0], stage=stage, stage_word=found[2], as_word=found[1])


def _expose(raw: Instruction, _: str) -> Result:
    ports = words.by_blanks(raw.arguments)
    return _typed(raw, Expose, ports=ports) if ports else _wrong(raw, "arguments", "EXPOSE needs a port")


def _volume(raw: Instruction, _: str) -> Result:
    found = _list(raw)
    if isinstance(found, Problem):
        return found
    if not found[0]:
        return _wrong(raw, "arguments", "VOLUME needs a path")
    for word in found[0]:
        if not word.value.strip(SPACES):
            return _wrong(raw, "arguments", "a path of VOLUME is empty", word.span)
    return _typed(raw, Volume, paths=found[0], is_json=found[1])


def _one(raw: Instruction, kind: type[Instruction], field: str) -> Result:
    if not raw.arguments.text:
        return _wrong(raw, "arguments", f"{raw.name} needs exactly one argument")
    return _typed(raw, kind, **{field: words.word(raw.arguments)})


_READERS: dict[str, Callable[[Instruction, str], Result]] = {
    "ADD": _add,
    "ARG": _arg,
    "CMD": _cmd,
    "COPY": _copy,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "MAINTAINER": lambda raw, _: _one(raw, Maintainer, "maintainer"),
    "ONBUILD": lambda raw, _: raw,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": lambda raw, _: _one(raw, StopSignal, "signal"),
    "USER": lambda raw, _: _one(raw, User, "user"),
    "VOLUME": _volume,
    "WORKDIR": lambda raw, _: _one(raw, Workdir, "path"),
}

NAMES = frozenset(_READERS)
"""Every instruction there is."""
