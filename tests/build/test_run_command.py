from __future__ import annotations

import pytest

from lading.build.image_config import State
from lading.build.run_command import RunCommand, command
from lading.dockerfile.instruction import Run
from lading.dockerfile.parse import parse
from lading.oci.image import Platform

SH = ("/bin/sh", "-c")


@pytest.mark.parametrize(
    ("text", "words", "script"),
    [
        ("RUN echo $v \\\n  b", (*SH, "echo $v   b"), ""),
        ('RUN ["a", "$v"]', ("a", "$v"), ""),
        # The shell replaces variables in a script, and nobody before it, whatever the delimiter looks like.
        (
            "RUN <<EOF\nfor v in 1; do echo $v \\$v $(x); done\nEOF",
            (*SH, "for v in 1; do echo $v \\$v $(x); done\n"),
            "",
        ),
        ("RUN <<'EOF'\necho $v\nEOF", (*SH, "echo $v\n"), ""),
        ("RUN <<-EOF\n\techo a\n\t\tb\n\tEOF", (*SH, "echo a\nb\n"), ""),
        (
            "RUN <<EOF\n#!/usr/bin/python3\nprint(1)\nEOF",
            ("/dev/pipes/EOF",),
            "#!/usr/bin/python3\nprint(1)\n",
        ),
        ("RUN <<EOF\n#!/bin/sh\necho $0 $v\nEOF", ("/dev/pipes/EOF",), "#!/bin/sh\necho $0 $v\n"),
        ("RUN python3 <<EOF\nprint($v)\nEOF", (*SH, "python3 <<EOF\nprint($v)\nEOF\n"), ""),
        (
            "RUN cat <<A - <<-B && x\n\ta\nA\n\tb\n\tB",
            (*SH, "cat <<A - <<-B && x\n\ta\nA\n\tb\nB\n"),
            "",
        ),
        ("RUN --network=none <<E\nx\nE", (*SH, "x\n"), ""),
    ],
)
def test_commands(text: str, words: tuple[str, ...], script: str) -> None:
    (run,) = parse(f"FROM a\n{text}\n").stages[0].instructions
    assert isinstance(run, Run)
    assert command(run, State(Platform("linux", "amd64"))) == RunCommand(words, script)


def test_the_shell_of_the_stage() -> None:
    (run,) = parse("FROM a\nRUN x\n").stages[0].instructions
    assert isinstance(run, Run)
    state = State(Platform("linux", "amd64")).with_(Shell=["/bin/bash", "-o", "pipefail", "-c"])
    assert command(run, state).words == ("/bin/bash", "-o", "pipefail", "-c", "x")


def test_how_history_has_it() -> None:
    assert RunCommand((*SH, "x")).told == "/bin/sh -c x"
    assert RunCommand(("/dev/pipes/E",), "#!x\n").told == "#!x\n"
