"""ShellCheck's remedies in a Dockerfile, against what ShellCheck makes of the script itself, and against real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import needs
from lading.lint import checking, fixing
from lading.lint.finding import Finding
from lading.shellcheck.answer import Answer, Ask, Comment, Remedy, Replacement
from lading.shellcheck.batches import Batches
from lading.shellcheck.program import Program

HEAD = "FROM a@sha256:" + "0" * 64 + "\n"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    many = Batches(Program(needs.shellcheck(), os.environ).run)
    yield many.ask
    many.close()


def fixed(data: str, ask: Ask, *, unsafe: bool = True) -> str:
    done = fixing.fix((HEAD + data).encode(), rules=[], shellcheck=ask, unsafe=unsafe)
    assert done.faults == ()
    assert done.conflicts == ()
    return done.data.decode().removeprefix(HEAD)


FIXES = [
    pytest.param("RUN cp $HOME /b\n", 'RUN cp "$HOME" /b\n', id="quotes"),
    pytest.param("RUN cp $HOME$PWD /b\n", 'RUN cp "$HOME""$PWD" /b\n', id="side-by-side"),
    pytest.param("RUN cp $HO\\\nME /b\n", 'RUN cp "$HO\\\nME" /b\n', id="across-lines"),
    pytest.param("RUN cp \\\n$HOME\\\n /b\n", 'RUN cp \\\n"$HOME"\\\n /b\n', id="at-the-edges-of-lines"),
    pytest.param("RUN cp \\\r\n  $HOME \\\r\n  /b\r\n", 'RUN cp \\\r\n  "$HOME" \\\r\n  /b\r\n', id="carriage-returns"),
    pytest.param("RUN cd /b \\\n # told\n ; ls\n", "RUN cd /b || exit \\\n # told\n ; ls\n", id="comment-inside"),
    pytest.param("RUN <<EOF\n\tcd /b\n\tls $HOME\nEOF\n", 'RUN <<EOF\n\tcd /b || exit\n\tls "$HOME"\nEOF\n', id="heredoc"),
    pytest.param("RUN <<-EOF\n\tcd /b\n\tls $HOME\n\tEOF\n", 'RUN <<-EOF\n\tcd /b || exit\n\tls "$HOME"\n\tEOF\n', id="heredoc-indented"),
    pytest.param("ONBUILD RUN cp $HOME /b\n", 'ONBUILD RUN cp "$HOME" /b\n', id="onbuild"),
    pytest.param('RUN [ "x$HOME" = "x/" ]\n', 'RUN [ "$HOME" = "/" ]\n', id="taken-out"),
    pytest.param('RUN [ "\\\nx\\\n$HOME" = "x/" ]\n', 'RUN [ "\\\n\\\n$HOME" = "/" ]\n', id="taken-out-at-the-edges"),
    pytest.param("RUN echo 'é\U0001d11e' $HOME\n", "RUN echo 'é\U0001d11e' \"$HOME\"\n", id="columns-are-characters"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), FIXES)
def test_fixes(before: str, after: str, ask: Ask) -> None:
    assert fixed(before, ask) == after


NONE = [
    pytest.param("RUN echo `echo \\`ls\\``\n", id="backslashes-in-backquotes"),
    pytest.param("RUN echo `echo \\$(cp $HOME /b)`\n", id="places-behind-them"),
]


@pytest.mark.parametrize("data", NONE)
def test_what_is_not_fixed(data: str, ask: Ask) -> None:
    assert fixed(data, ask) == data


def test_bytes_that_are_no_text_are_left_alone(ask: Ask) -> None:
    data = HEAD.encode() + b"RUN echo '\xff' $HOME\n"
    assert fixing.fix(data, rules=[], shellcheck=ask, unsafe=True).data == data


SAFE = [
    ("RUN echo `ls`\n", True),
    ("RUN echo `cat $HOME/x | sort` x\n", True),
    ('RUN echo "in `pwd`"\n', True),
    ('RUN echo "`echo "a"`"\n', False),
    ("RUN echo `(cd /b; ls)`\n", False),
    ("RUN echo `echo 'a'`\n", False),
    ("RUN echo `ls # all`\n", False),
    ("RUN <<EOF\necho `ls\nls`\nEOF\n", False),
    ("RUN cp $HOME /b\n", False),
    ("RUN cd /b; ls\n", False),
]


@pytest.mark.parametrize(("data", "safe"), SAFE)
def test_safe_is_what_leaves_everything_as_it_was(data: str, safe: bool, ask: Ask) -> None:  # noqa: FBT001
    outcome = checking.check((HEAD + data).encode(), rules=[], shellcheck=ask)
    fixable = [one for one in outcome.findings if one.fix and one.code in {"SC2006", "SC2086", "SC2164"}]
    assert {one.safe for one in fixable if one.code == "SC2006" or "`" not in data} == {safe}


SCRIPTS = [
    "for f in `ls /etc`; do cp $f $1; done; cd $2; [ x$1 = xa ] && echo `pwd`",
    'echo "a `id -u`" $HOME `id -g`; cd /b; echo $1$2 "$3"',
    "if [ $1 = a ]; then cd `dirname $2`; fi; cp $1 $2",
    "while read -r l; do ssh h ls; done < f; x=`uname -m`; echo $x",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_makes_the_same_of_the_script(script: str, ask: Ask, tmp_path: Path) -> None:
    """Its own patch, applied until there is none."""
    path = tmp_path / "script"
    path.write_text(f"#!/bin/sh\n{script}\n")
    command = [needs.shellcheck(), "--norc", "--format=diff", "script"]
    while patch := subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60).stdout:
        lines = patch.decode().splitlines()
        path.write_text(
            "#!/bin/sh\n" + next(line[1:] for line in lines if line[:1] == "+" and line[:3] != "+++") + "\n"
        )
    assert fixed(f"RUN {script}\n", ask) == f"RUN {path.read_text().splitlines()[1]}\n"


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_safe_fixes_do_the_same_in_a_shell(shell: str, ask: Ask) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"not installed: {shell}")
    scripts = [
        "echo `echo a  b` `printf '%s' c`",
        'echo "`echo a  b`" `echo $((1 + 2))`',
        "for i in `echo 1 2 3`; do echo `echo $i`; done",
        'x=`echo a`; echo "$x`echo b`" `false` "$?"',
        "echo `echo a; echo b` `echo {a,b}` `echo ~ | head -c 1`",
    ]
    for script in scripts:
        after = fixed(f"RUN {script}\n", ask, unsafe=False).removeprefix("RUN ")
        assert after != script + "\n" or "'" in script
        ran = [
            subprocess.run([shell, "-c", one], capture_output=True, check=False, timeout=60)
            for one in (script, after)
        ]
        assert (ran[0].returncode, ran[0].stdout, ran[0].stderr) == (
            ran[1].returncode,
            ran[1].stdout,
            ran[1].stderr,
        )


def _fix(*replacements: Replacement) -> list[Finding]:
    def says(scripts: Sequence[str]) -> list[Answer]:
        comment = Comment(2, 1, 2, 2, "info", 1, "told.", Remedy(replacements))
        return [Answer((comment,)) for _ in scripts]

    return list(checking.check((HEAD + "RUN ab\\\ncd\n").encode(), rules=[], shellcheck=says).findings)


@pytest.mark.parametrize(
    "replacements",
    [
        pytest.param((), id="nothing"),
        pytest.param((Replacement(2, 2, 2, 4, "x"),), id="across-a-line-end"),
        pytest.param((Replacement(2, 1, 2, 2, "x\ny"),), id="several-lines"),
        pytest.param((Replacement(2, 1, 2, 2, "x\\"),), id="escape-character"),
        pytest.param((Replacement(2, 1, 2, 2, "\ufffd"),), id="what-was-no-text"),
        pytest.param((Replacement(2, 1, 2, 3, "x"), Replacement(2, 2, 2, 3, "y")), id="over-each-other"),
        pytest.param((Replacement(2, 2, 2, 1, "x"),), id="backwards"),
        pytest.param((Replacement(1, 1, 1, 2, "x"),), id="before-the-body"),
    ],
)
def test_remedies_that_do_not_fit_are_left_out(replacements: tuple[Replacement, ...]) -> None:
    (one,) = _fix(*replacements)
    assert (one.fix, one.fixable) == (None, False)


def test_a_remedy_that_fits_is_taken() -> None:
    (one,) = _fix(Replacement(2, 3, 2, 3, "x", "beforeStart"), Replacement(2, 3, 2, 3, "y", "afterEnd"))
    assert one.fix is not None
    first, second = one.fix.edits
    assert (first.text, second.text, second.span.start - first.span.start) == ("x", "y", len("\\\n"))
    assert one.fix.title == "told"
