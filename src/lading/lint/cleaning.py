"""Package managers that install in a RUN and leave their cache behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Run
from lading.dockerfile.source import Span
from lading.lint import mount
from lading.lint.rule import Fix, Found
from lading.lint.shell import Invocation, Script
from lading.lint.subject import Subject

Test = Callable[[Invocation], bool]


def uncleaned(
    subject: Subject,
    installs: Test,
    cleans: Test,
    *,
    cache: str = "",
    remedy: str = "",
    only_shipped: bool = False,
) -> Iterator[Found]:
    """Yield one finding for each RUN that installs and does not clean after it.

    cache: a directory that may be a mount instead; empty for none. remedy: the command that cleans, as a
    fix; what is in the message otherwise says `the cache`. only_shipped: leave out layers that are in no image.
    """
    for run in subject.all(Run):
        if cache and mount.is_kept_out_somewhere(run, cache):
            continue
        if only_shipped and not is_shipped(subject, run):
            continue
        for script in subject.scripts(run):
            install = next((at for at, one in enumerate(script.commands) if installs(one)), None)
            clean = next((at for at, one in enumerate(script.commands) if cleans(one)), None)
            if install is None or (clean is not None and install < clean):
                continue
            name = script.commands[install].name
            message = f"{name} leaves its cache in the layer: add `{remedy}` after it in the same RUN"
            last = [one for one in script.commands if installs(one)][-1]
            fix = _fix(script, last, remedy) if clean is None else None
            yield Found(script.commands[install].words[0].span, message, fix)


def is_shipped(subject: Subject, run: Run) -> bool:
    """Whether the layer of a RUN is in the image, in the base of a stage, or made by a build upon the image."""
    stage = subject.stage_of(run)
    if stage is None:
        return not subject.stages
    last = subject.stages[-1]
    if stage is last or all(one is not run for one in stage.instructions):
        return True
    if any(subject.parent(one) is stage for one in subject.stages):
        return True
    # Two stages with one FROM are one to hadolint.
    return (stage.base.image.value, stage.name) == (last.base.image.value, last.name)


def _fix(script: Script, last: Invocation, remedy: str) -> Fix | None:
    """Return the fix that cleans right after the last installation, where that is plain to do."""
    at = last.place
    plain = at.depth == 0 and at.length == 1 and at.after != "&" and not at.negated and not last.redirections
    if not plain or not script.language or script.broken:
        return None
    end = last.span.end
    return Fix(f"Run `{remedy}` after it", (Edit(Span(end, end), f" && {remedy}"),), safe=True)
