"""A terminal that a process makes for itself, without the C library's helpers."""

from __future__ import annotations

import os
import subprocess
import sys

from lading.build import console

CODE = """
import os, signal, sys
from lading.build import console
outer, inner = console.make((77, 22))
if os.fork() == 0:
    console.take(inner, os.getuid())
    for number in (outer, inner):
        os.close(number)
    os.execvp("sh", ["sh", "-c", "tty; stty size; ps -o tty=,sid= -p $$ >&2; echo to > /dev/tty; read line; stty size"])
os.close(inner)
console.resize(outer, (0, 22))
console.resize(outer, (88, 44))
os.write(outer, b"x\\n")
try:
    while piece := os.read(outer, 4096):
        os.write(1, piece)
except OSError:
    pass
os.wait()
"""


def test_made_and_taken() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    typed, name, *sizes, its, _, shown, lines, columns = done.stdout.split()
    assert (typed, shown, lines, columns) == ("x", "to", "44", "88"), done
    assert name == f"/dev/{its}"
    assert sizes in (["22", "77"], ["44", "88"])


def test_a_size_that_is_not_known() -> None:
    outer, inner = console.make((0, 0))
    assert console.size_of(inner) == (0, 0)
    console.resize(outer, (5, 6))
    assert console.size_of(inner) == console.size_of(outer) == (5, 6)
    for descriptor in (outer, inner):
        os.close(descriptor)
    read, write = os.pipe()
    assert console.size_of(read) == (0, 0)
    for descriptor in (read, write):
        os.close(descriptor)
