r"""The instruction that made a layer, as its author wrote it.

An image's history has it the way the builder ran it. Seen in images of the last ten years:

    /bin/sh -c #(nop) ADD file:0a1b... in /        classic docker, an instruction that runs nothing
    /bin/sh -c apt-get update                      classic docker, RUN
    |2 A=1 B=2 /bin/sh -c make                     the same, with two build arguments
    RUN |1 A=1 /bin/sh -c make # buildkit          BuildKit
    COPY a b # buildkit                            BuildKit
    /bin/bash -o pipefail -c ...                   after SHELL
"""

from __future__ import annotations

import re

from lading.report.text import clean

_SHELL = re.compile(r"(?:/usr)?/bin/[a-z]{0,4}sh (?:-[a-z]{1,8} (?:pipefail )?){0,4}")
_ARGUMENTS = re.compile(r"\|\d{1,4} ")
_LONG_HASH = re.compile(r"\b((?:file|dir|multi|sha256):[0-9a-f]{7})[0-9a-f]{25,}")
_SPACES = re.compile(r"\s+")
# A longer one is not read to its end; nothing shows as much.
_MAX_CHARS = 4096


def short(created_by: str) -> str:
    """Return the instruction as one printable line: `RUN apt-get update`, `COPY a b`.

    created_by: of the image's history. Empty if the history says nothing.
    """
    text = _SPACES.sub(" ", created_by[:_MAX_CHARS]).strip()
    text = text.removesuffix("# buildkit").rstrip()
    ran = text.startswith("RUN ")
    command = _without_arguments(text[4:] if ran else text)
    shell = _SHELL.match(command)
    if shell:
        command = command[shell.end() :].lstrip()
        nothing = command.startswith("#(nop)")
        text = command.removeprefix("#(nop)").lstrip() if nothing else f"RUN {command}"
    elif ran:
        text = f"RUN {command}"
    return clean(_LONG_HASH.sub(r"\1", text))


def _without_arguments(command: str) -> str:
    """Drop `|2 A=1 B=2`: the values may hold spaces, so all up to the shell goes."""
    if not _ARGUMENTS.match(command):
        return command
    shell = _SHELL.search(command)
    return command[shell.start() :] if shell else command
