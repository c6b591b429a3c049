"""A limit of processes for this one and what it starts, where there is no control group that holds it."""

from __future__ import annotations

import resource

from lading.build.run_spec import Isolation, RunSpec


def limit_processes(spec: RunSpec, isolation: Isolation) -> None:
    """Hold this process to a number of processes; those of a user namespace are counted by themselves.

    Root of the machine is not held by such a limit, and other users' processes are not counted apart.
    """
    if isolation.user_namespace:
        _, most = resource.getrlimit(resource.RLIMIT_NPROC)
        wanted = spec.max_processes if most == resource.RLIM_INFINITY else min(spec.max_processes, most)
        resource.setrlimit(resource.RLIMIT_NPROC, (wanted, wanted))
