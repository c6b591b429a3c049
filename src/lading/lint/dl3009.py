"""DL3009: the lists of apt stay in the layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Exec, Run
from lading.dockerfile.source import Span
from lading.lint import cleaning, mount
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_LISTS = "/var/lib/apt/lists"
_REMOVAL = f"rm -rf {_LISTS}/*"
_CALL = re.compile(r"(?<![\w./-])(?:apt|apt-get|aptitude)\s")
_UPDATERS = ("apt-get", "apt", "aptitude")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every update whose lists end in a layer of the image."""
    last_use = _last_use(subject)
    for run in subject.all(Run):
        update = _update(subject, run)
        if update is None or _is_clean(subject, run):
            continue
        if cleaning.is_shipped(subject, run):
            message = "the lists of apt stay in the layer: end the same RUN with rm -rf /var/lib/apt/lists/*"
            yield Found(update.words[0].span, message, _fix(subject, run, last_use))


def _update(subject: Subject, run: Run) -> Invocation | None:
    for script in subject.scripts(run):
        for command in script.called(*_UPDATERS):
            if command.has_args("update"):
                return command
    return None


def _is_clean(subject: Subject, run: Run) -> bool:
    if mount.is_kept_out(run, _LISTS) or mount.is_kept_out(run, "/var/lib/apt", "/var/cache/apt"):
        return True
    return any(
        command.has_args("-rf", f"{_LISTS}/*")
        for script in subject.scripts(run)
        for command in script.called("rm")
    )


def _fix(subject: Subject, run: Run, last_use: int) -> Fix | None:
    """Return the fix; None where it is not clear where the removal goes, or a later step needs the lists."""
    if isinstance(run.command, Exec) or last_use > run.span.start:
        return None
    scripts = subject.scripts(run)
    if len(scripts) != 1 or scripts[0].broken or not scripts[0].commands:
        return None
    script = scripts[0]
    title = "Remove the lists of apt in the same layer"
    if script.is_heredoc:
        # The status of a script is that of its last command, unless it stops at the first that fails.
        first = script.commands[0]
        safe = first.name == "set" and first.has_flag("e")
        end = script.text.whole().end
        ends_line = script.text.text.endswith("\n")
        return Fix(title, (Edit(Span(end, end), f"{_REMOVAL}\n"),), safe) if ends_line else None
    last = script.commands[-1]
    if run.heredocs or last.place.depth or last.place.after:
        return None
    end = script.text.stripped().whole().end
    if last.span.end != end:
        return None
    return Fix(title, (Edit(Span(end, end), f" && {_REMOVAL}"),), safe=True)


def _last_use(subject: Subject) -> int:
    """Return where the last RUN begins that calls apt without an update of its own before; -1 for none."""
    return next((run.span.start for run in reversed(subject.all(Run)) if _uses(subject, run)), -1)


def _uses(subject: Subject, run: Run) -> bool:
    commands = [one.unwrapped for script in subject.scripts(run) for one in script.commands]
    first = next((one for one in commands if one.name in _UPDATERS), None)
    if first is not None:
        return not first.has_args("update")
    # The text of `bash -c` and the like is not looked into.
    text = subject.text(run.span)
    return _CALL.search(text) is not None and "update" not in text


RULE = Rule(
    code="DL3009",
    title="The lists that apt downloads should not stay in a layer.",
    level=Level.INFO,
    why=(
        "`apt-get update` writes the lists of all packages to /var/lib/apt/lists: tens of megabytes that nobody "
        "reads again, and that are out of date the next day. What a later instruction removes is hidden but still "
        "shipped, for each layer keeps what was there when it ended; so the removal belongs at the end of the "
        "same RUN. A cache mount there keeps the lists out as well, and spares the next build the download."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get update && \\\n    apt-get install -y --no-install-recommends curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get update && apt-get clean\nRUN rm -rf /var/lib/apt/lists/*\n",
        "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends curl=7.88.1-10\n",
        "FROM debian:12 AS base\nRUN apt-get update\nFROM base\nRUN make\n",
        "FROM debian:12\nRUN <<EOF\nset -e\napt-get update\nEOF\n",
        'FROM debian:12\nRUN ["apt-get", "update"]\n',
        "FROM debian:12\nONBUILD RUN apt-get update\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl=7.88.1-10 && rm -rf /var/lib/apt/lists/*\n",
        "FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get update\n",
        "FROM a:1\nRUN --mount=type=cache,target=/var/lib/apt --mount=type=tmpfs,target=/var/cache/apt apt update\n",
        "FROM debian:12 AS build\nRUN apt-get update\nFROM debian:12-slim\nCOPY --from=build /a /a\n",
        "FROM debian:12\nRUN apt-get install -y curl=7.88.1-10\n",
    ),
)
