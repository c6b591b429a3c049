"""The capabilities of Linux (capabilities(7)): what a command in a container has of them."""

from __future__ import annotations

from lading.build import syscalls

# By number, as linux/capability.h has them.
_NAMES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
)  # fmt: skip
# What Docker leaves to root in a container.
_USUAL = frozenset(
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    }
)  # fmt: skip


def granted(security: str) -> tuple[str, ...]:
    """Return the names of the capabilities that a container's root has, of those that this process can give.

    security: `sandbox` for what a build needs, `insecure` for all.
    """
    return tuple(
        f"CAP_{name}"
        for number, name in enumerate(_NAMES)
        if (security == "insecure" or name in _USUAL) and syscalls.is_in_bounding_set(number)
    )


def numbers(names: tuple[str, ...]) -> frozenset[int]:
    """Return capabilities by number."""
    return frozenset(_NAMES.index(name.removeprefix("CAP_")) for name in names)
