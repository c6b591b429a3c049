"""Gemfile.lock: what Bundler installs.

Sections in capitals at the margin. In `GEM`, `GIT`, `PATH` and `PLUGIN SOURCE` a line `specs:`, and
below it one gem a line, indented by four: `name (1.2.3)` or `name (1.2.3-x86_64-linux)`; what is
indented by six is a dependency of it.
Format: https://bundler.io/guides/rationale.html , Bundler's LockfileParser
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.inventory.content import text_of
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_NAME = "ruby/gemfile-lock"
_SOURCES = frozenset(("GEM", "GIT", "PATH", "PLUGIN SOURCE"))
# A gem's version has no `-` (Bundler writes `.pre.` for it): what follows one is the platform.
_SPEC = re.compile(r" {4}([^\s()]++) \(([^\s()-]++)(?:-[^\s()]++)?\)!?\Z")


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the gems of the lock file, at their lines. Any text is read; what fits nothing is passed over."""
    if is_own(file.path):
        yield from packages(file, "gem", _NAME, _pins(text_of(file)))


def _pins(content: str) -> Iterator[Pin]:
    in_source = in_specs = False
    for number, line in enumerate(content.splitlines(), 1):
        if line[:1] not in ("", " "):
            in_source, in_specs = line.rstrip() in _SOURCES, False
        elif line.rstrip() == "  specs:":
            in_specs = in_source
        elif in_specs and (spec := _SPEC.match(line.rstrip())):
            yield Pin(spec[1], spec[2], number)


GEMFILE_LOCK = FileReader(
    name=_NAME, paths=("**/Gemfile.lock", "**/gems.locked"), read=read, max_bytes=MAX_LOCK_BYTES
)
