"""The config.json of a bundle for an OCI runtime (runtime-spec 1.0, config.md and config-linux.md)."""

from __future__ import annotations

import os
from typing import Any

from lading.build import capabilities, limits, seccomp
from lading.build.cgroup import PREFIX
from lading.build.mounts import Mounted
from lading.build.run_spec import Isolation, RunSpec

# What tells of the machine, or reaches it.
MASKED = (
    "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
    "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/dev/block", "/sys/devices/virtual/powercap",
    "/sys/firmware",
)  # fmt: skip
FIXED = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def config(spec: RunSpec, isolation: Isolation, root: str, mounted: list[Mounted]) -> dict[str, Any]:
    """Return the configuration of a container.

    root: its files. mounted: what is mounted in them; the targets are paths without links.
    """
    sandboxed = spec.security == "sandbox"
    linux: dict[str, Any] = {
        "namespaces": [{"type": kind} for kind in _namespaces(spec)],
        **_other_id(spec, isolation),
        "rootfsPropagation": "private",
    }
    if not isolation.user_namespace:
        # Of runc, which makes one; that no two get in each other's way. Without a name it may do without.
        linux["cgroupsPath"] = f"/{PREFIX}{os.urandom(8).hex()}"
    if isolation.pids and isolation.runtime == "runc":
        linux["resources"] = {"pids": {"limit": spec.max_processes}}
    if sandboxed:
        linux["maskedPaths"] = list(MASKED)
        linux["readonlyPaths"] = list(FIXED)
    if sandboxed and (filter_ := seccomp.profile(one_id=isolation.one_id)) is not None:
        linux["seccomp"] = filter_
    return {
        "ociVersion": "1.0.2",
        "process": _process(spec, isolation),
        "root": {"path": root, "readonly": spec.read_only},
        "hostname": spec.hostname,
        "mounts": [*_system(spec, isolation), *(_mount(one) for one in mounted)],
        "linux": linux,
    }


def _namespaces(spec: RunSpec) -> tuple[str, ...]:
    kinds = ("pid", "mount", "ipc", "uts")
    return (*kinds, "network") if spec.network == "none" else kinds


def _other_id(spec: RunSpec, isolation: Isolation) -> dict[str, Any]:
    """Give the one id there is the number that the command wants, in a user namespace below."""
    if not isolation.one_id or spec.uid == spec.gid == 0:
        return {}
    maps = {
        name: [{"containerID": inside, "hostID": 0, "size": 1}]
        for name, inside in (("uidMappings", spec.uid), ("gidMappings", spec.gid))
    }
    return {"namespaces": [{"type": kind} for kind in (*_namespaces(spec), "user")], **maps}


def _process(spec: RunSpec, isolation: Isolation) -> dict[str, Any]:
    held = list(capabilities.granted(spec.security))
    own = held if spec.uid == 0 else []
    found: dict[str, Any] = {
        "terminal": spec.terminal,
        "user": {
            "uid": spec.uid,
            "gid": spec.gid,
            "additionalGids": [] if isolation.one_id else list(spec.groups),
            "umask": 0o022,
        },
        "args": list(spec.argv),
        "env": [f"{name}={value}" for name, value in spec.env.items()],
        "cwd": spec.cwd,
        "capabilities": {"bounding": held, "effective": own, "permitted": own},
        "noNewPrivileges": False,
    }
    if spec.terminal and all(spec.size):
        found["consoleSize"] = dict(zip(("width", "height"), spec.size, strict=True))
    if held_to := limits.wanted(spec, isolation):
        found["rlimits"] = [
            {"type": f"RLIMIT_{one.name.upper()}", "soft": _unsigned(one.soft), "hard": _unsigned(one.hard)}
            for one in held_to
        ]
    return found


def _unsigned(limit: int) -> int:
    return 2**64 - 1 if limit < 0 else limit


def _system(spec: RunSpec, isolation: Isolation) -> list[dict[str, Any]]:
    safe = ["nosuid", "noexec", "nodev"]
    if isolation.user_namespace:
        # A sysfs belongs to a network; that of the machine can only be shown again.
        shown = {"type": "bind", "source": "/sys", "options": ["rbind", "rprivate", *safe, "ro"]}
    else:
        shown = {"type": "sysfs", "source": "sysfs", "options": [*safe, "ro"]}
    if spec.security == "insecure" and not isolation.user_namespace:
        shown["options"] = safe
    pts_options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
    if not isolation.one_id:
        pts_options.append("gid=5")
    return [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": safe},
        {
            "destination": "/dev",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
        },
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": pts_options},
        {
            "destination": "/dev/shm",  # noqa: S108 - the container's
            "type": "tmpfs",
            "source": "shm",
            "options": [*safe, "mode=1777", f"size={spec.shm_bytes}"],
        },
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": safe},
        {"destination": "/sys", **shown},
    ]


def _mount(one: Mounted) -> dict[str, Any]:
    options = ["rbind", "rprivate", *(["ro"] if one.read_only else [])]
    return {"destination": one.target, "type": "bind", "source": one.source, "options": options}
