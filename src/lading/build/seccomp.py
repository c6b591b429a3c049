"""Which system calls a command in a sandbox may not make: those that reach for the machine itself.

The rest is left to capabilities. Written in the form of the OCI runtime-spec 1.0, config-linux.md, "Seccomp".
"""

from __future__ import annotations

import errno
import os
from typing import Any

# The machine's modules, clock, swap, accounting and boot; other processes' memory; keys, which have no
# namespace; and ways around the file system's permissions. Each has been a way out of a container, or is of
# no use within one.
_REFUSED = (
    "acct", "add_key", "adjtimex", "bpf", "clock_adjtime", "clock_settime", "create_module", "delete_module",
    "fanotify_init", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "get_kernel_syms", "init_module",
    "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load",
    "keyctl", "lookup_dcookie", "mount", "mount_setattr", "move_mount", "move_pages", "nfsservctl",
    "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root", "query_module", "quotactl", "quotactl_fd",
    "reboot", "request_key", "setns", "settimeofday", "stime", "swapoff", "swapon", "syslog", "umount", "umount2",
    "unshare", "uselib", "userfaultfd", "ustat", "vhangup", "vm86", "vm86old",
)  # fmt: skip
# With one id alone, changing an owner can only fail; package managers give up then. They are told that it
# has been done. The same for making devices, which needs the machine's own root.
_PRETENDED = (
    "chown", "chown32", "fchown", "fchown32", "fchownat", "lchown", "lchown32", "setgroups", "setgroups32",
)  # fmt: skip
_NEW_USER = 0x10000000
_ARCHITECTURES = {
    "x86_64": ("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
    "aarch64": ("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"),
    "ppc64le": ("SCMP_ARCH_PPC64LE",),
    "s390x": ("SCMP_ARCH_S390X", "SCMP_ARCH_S390"),
    "riscv64": ("SCMP_ARCH_RISCV64",),
    "armv7l": ("SCMP_ARCH_ARM",),
    "i686": ("SCMP_ARCH_X86",),
}


def profile(*, one_id: bool = False, machine: str = "") -> dict[str, Any] | None:
    """Return the filter for `linux.seccomp`; None on a kind of machine that is not known.

    one_id: whether this user has one id only, so that no owner can be changed.
    """
    architectures = _ARCHITECTURES.get(machine or os.uname().machine)
    if architectures is None:
        return None
    rules: list[dict[str, Any]] = [_rule(_REFUSED, errno.EPERM)]
    # A thread is made with the same call as a user namespace; clone3 hides its flags in memory, and is
    # given up for clone where there is no such call.
    rules.append({**_rule(("clone",), errno.EPERM), "args": [_has_bit(_NEW_USER)]})
    rules.append(_rule(("clone3",), errno.ENOSYS))
    if one_id:
        rules.append(_rule(_PRETENDED, 0))
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": list(architectures), "syscalls": rules}


def _rule(names: tuple[str, ...], result: int) -> dict[str, Any]:
    return {"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": result}


def _has_bit(bit: int) -> dict[str, Any]:
    return {"index": 0, "value": bit, "valueTwo": bit, "op": "SCMP_CMP_MASKED_EQ"}
