"""DL3042: pip keeps what it downloads."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Env, From, Onbuild, Run
from lading.lint import mount, verb
from lading.lint.by_name import ByName
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_VARIABLE = "PIP_NO_CACHE_DIR"
_YES = frozenset({"1", "true", "True", "TRUE", "on", "On", "ON", "yes", "Yes", "YES"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield the first `pip install` with a cache of each RUN; ONBUILD has a world of its own."""
    plain, later = ByName(), ByName()
    for one in subject.file.instructions:
        inner, known = (one.inner, later) if isinstance(one, Onbuild) else (one, plain)
        if isinstance(one, From):
            plain.begin(one)
        elif isinstance(inner, Env):
            if _switches_off(inner):
                known.note()
        elif isinstance(inner, Run) and not known.has:
            yield from _found(subject, inner)


def _switches_off(env: Env) -> bool:
    value = next((pair.value.value for pair in env.pairs if pair.name.value == _VARIABLE), "")
    return value.strip("\"'") in _YES


def _found(subject: Subject, run: Run) -> Iterator[Found]:
    if mount.is_kept_out_somewhere(run, ".cache/pip"):
        return
    for script in subject.scripts(run):
        given = script.text.text.partition(f"{_VARIABLE}=")[2]
        if any(given.startswith(yes) for yes in _YES):
            continue
        for command in script.commands:
            if installs(command) and not command.has_args("--no-cache-dir"):
                fix = verb.with_flag(run, command, "--no-cache-dir", "install", safe=True)
                message = "pip keeps what it downloads in the layer: install with --no-cache-dir"
                yield Found(command.words[0].span, message, fix)
                if fix is None:
                    break


def installs(command: Invocation) -> bool:
    """Whether pip installs something, called as itself or as `python -m pip`."""
    name, texts = command.name, command.texts
    if name.startswith("python"):
        return any(texts[at : at + 3] == ("-m", "pip", "install") for at in range(len(texts)))
    return name.startswith("pip") and not name.startswith(("pipx", "pipenv")) and "install" in texts


RULE = Rule(
    code="DL3042",
    title="Pip leaves its cache in the layer.",
    level=Level.WARNING,
    why=(
        "pip keeps what it downloads and builds, so that a second installation is fast. In an image there "
        "is no second one: the cache only makes it larger, by as much as the packages themselves. Install "
        "with `--no-cache-dir`, set PIP_NO_CACHE_DIR=1, or mount a cache at /root/.cache/pip."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM python:3.13\nRUN pip install flask==3.1.0\n",
        "FROM python:3.13\nRUN python3 -m pip install flask==3.1.0\n",
        "FROM python:3.13\nONBUILD RUN pip install flask==3.1.0\n",
        "FROM python:3.13\nRUN pip install flask==3.1.0 && pip3 install rich==14.0.0\n",
    ),
    good=(
        "FROM python:3.13\nRUN pip install --no-cache-dir flask==3.1.0\n",
        "FROM python:3.13\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask==3.1.0\n",
        "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0\n",
        "FROM python:3.13\nRUN pipx install flask==3.1.0\n",
    ),
)
