"""System calls, tried in a process that ends with the test."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def _python(code: str) -> str:
    head = "import os, signal; from pathlib import Path; from lading.build import syscalls as s\n"
    done = subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr.strip().rpartition("\n")[2]


@as_root
def test_mounts_of_its_own(tmp_path: Path) -> None:
    said = _python(f"""
s.unshare(s.NEW_MOUNTS)
s.mount("none", "/", flags=s.RECURSIVE | s.SLAVE)
s.mount("tmpfs", {str(tmp_path)!r}, "tmpfs", s.NO_SUID, "mode=0711")
print(oct(os.stat({str(tmp_path)!r}).st_mode))
s.unmount({str(tmp_path)!r})
s.mount("nothing", {str(tmp_path)!r}, "nosuchfs")
""")
    number = errno.ENODEV
    assert said == f"0o40711\nOSError: [Errno {number}] {os.strerror(number)}: {str(tmp_path)!r}"
    assert list(tmp_path.iterdir()) == []


@as_root
def test_capabilities_are_kept_and_dropped() -> None:
    said = _python(
        "s.keep_capabilities(frozenset({0, 5})); print([n for n in range(64) if s.is_in_bounding_set(n)])"
    )
    assert said == "[0, 5]\n"


def test_a_child_dies_with_its_parent() -> None:
    said = _python("""
import subprocess, sys, time
code = "from lading.build import syscalls as s; s.die_with_parent(9); print(flush=True); import time; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
child.stdout.read(1)
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
""")
    stat = Path(f"/proc/{int(said)}/stat")
    assert not stat.exists() or stat.read_text().split()[2] == "Z"


def test_no_new_privileges() -> None:
    said = _python("s.no_new_privileges(); print(Path('/proc/self/status').read_text())")
    assert "NoNewPrivs:\t1" in said


def test_adopting() -> None:
    said = _python("""
s.adopt_orphans()
if os.fork() == 0:
    if os.fork() == 0:
        os._exit(7)
    os._exit(0)
print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(2)))
""")
    assert said == "[0, 7]\n"


def test_user_namespace() -> None:
    said = _python(
        "print(s.in_user_namespace(), s.id_map()); s.unshare(s.NEW_USER); print(s.in_user_namespace(), s.id_map())"
    )
    assert said.splitlines()[1] == "True ()"
