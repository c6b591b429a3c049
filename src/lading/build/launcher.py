"""What starts a command, once everything it sees is mounted: one of several, by what the machine has."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lading.build.mounts import Mounted
from lading.build.run_spec import Isolation, Outcome, RunSpec


class Launcher(Protocol):
    """A way to start commands; it is used for one."""

    def target(self) -> int | None:
        """Return the process that signals are for; None while there is none. Asked from another thread."""

    def run(self, spec: RunSpec, root: Path, mounted: list[Mounted]) -> Outcome:
        """Run a command to its end. root: its files. mounted: in order, with targets that are there.

        Raises `UnavailableError` where it cannot be started, for reasons that are not its own.
        """


def choose(isolation: Isolation, spec: RunSpec, bundle: Path, console: int | None) -> Launcher:
    """Return what starts a command.

    bundle: an empty directory for it, in memory. console: a line for the outer side of its terminal; None for none.
    """
    if isolation.runtime == "bwrap" and (spec.uid == 0 or isolation.one_id) and console is None:
        from lading.build.bubblewrap import Bubblewrap

        return Bubblewrap(bundle, isolation)
    if isolation.runtime in {"crun", "runc"}:
        from lading.build.runtime import OciRuntime

        return OciRuntime(bundle, isolation, console)
    # bwrap gives a command the one user that it was started by, and no others to look at; and no terminal that it
    # is alone with: the keys that send signals would send them to bwrap as well.
    from lading.build.changed_root import ChangedRoot

    return ChangedRoot(isolation, console)
