"""DL3057: no HEALTHCHECK."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Healthcheck
from lading.lint import lacking
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield the stages whose image has no HEALTHCHECK."""
    carriers = {
        stage.index
        for stage in subject.stages
        if any(isinstance(one, Healthcheck) for one in stage.instructions)
    }
    for stage in lacking.stages(subject, carriers, lacking.givers(subject)):
        yield Found(stage.base.image.span, "there is no HEALTHCHECK: add one, or HEALTHCHECK NONE")


RULE = Rule(
    code="DL3057",
    title="An image has a HEALTHCHECK.",
    level=Level.IGNORE,
    why=(
        "A process that runs is not yet one that answers. With a HEALTHCHECK Docker and Swarm can tell, and replace "
        "a container that hangs. The rule is off at first, for Kubernetes has probes of its own and reads no "
        "HEALTHCHECK; give it a level (`override`) where a check has to be there. `HEALTHCHECK NONE` says that there "
        "is none on purpose. A stage has the check of the stage that it is built upon; one that only gives files or "
        "a base to others needs none."
    ),
    check=check,
    bad=(
        "FROM debian:12\n",
        "FROM debian:12 AS one\nHEALTHCHECK CMD /check\nFROM debian:12\n",
        "FROM debian:12\nONBUILD HEALTHCHECK CMD /check\n",
        "FROM debian:12 AS base\nFROM base AS one\nHEALTHCHECK NONE\nFROM base AS two\n",
    ),
    good=(
        "FROM debian:12\nHEALTHCHECK CMD /check\n",
        "FROM debian:12\nHEALTHCHECK NONE\n",
        "FROM debian:12 AS base\nHEALTHCHECK CMD /check\nFROM base\n",
        "FROM debian:12 AS base\nFROM base\nHEALTHCHECK CMD /check\n",
        "FROM golang:1 AS build\nFROM debian:12\nHEALTHCHECK CMD /check\nCOPY --from=build /a /a\n",
    ),
)
