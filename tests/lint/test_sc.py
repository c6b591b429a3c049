"""ShellCheck's comments as findings: places, levels, and what a user may say about them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.lint import checking, fixing
from lading.lint.finding import Finding, Outcome
from lading.lint.hadolint_config import Config
from lading.shellcheck.answer import Answer, Ask, Comment
from lading.shellcheck.batches import Batches
from lading.shellcheck.program import Program

PINNED = "FROM a@sha256:" + "0" * 64 + "\n"


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    many = Batches(Program(needs.shellcheck(), os.environ).run)
    yield many.ask
    assert many.broken is None
    many.close()


def looked(data: str, ask: Ask, config: Config | None = None) -> Outcome:
    whole = (PINNED + data).encode("utf-8", "surrogateescape")
    return checking.check(whole, shellcheck=ask, rules=[], config=config or Config())


def told(data: str, ask: Ask) -> list[tuple[int, str, tuple[int, int], str]]:
    """Line and code as reported, exact place, and the text of that."""
    outcome = looked(data, ask)
    return [
        (one.line, one.code, (one.start.line, one.start.column), outcome.file.source.of(one.span))
        for one in outcome.findings
    ]


PLACES = [
    pytest.param("RUN echo $x_\n", [(2, "SC2086", (2, 10), "$x_"), (2, "SC2154", (2, 10), "$x_")], id="one-line"),
    pytest.param("RUN true \\\n  # told\n\n  && cd /b; \\\n  ls\n", [(2, "SC2164", (5, 6), "cd /b")], id="continued"),
    pytest.param("RUN true; c\\\nd /\\\nb; ls\n", [(2, "SC2164", (2, 11), "c\\\nd /\\\nb")], id="across-lines"),
    pytest.param("RUN true \\\r\n  && cd /b; ls\r\n", [(2, "SC2164", (3, 6), "cd /b")], id="carriage-returns"),
    pytest.param("RUN \techo 'é\U0001d11e\udcff';\t cd /b; ls\n", [(2, "SC2164", (2, 19), "cd /b")], id="columns-are-characters"),
    pytest.param("RUN <<EOF\ntrue\ncd /b\nls\nEOF\n", [(2, "SC2164", (4, 1), "cd /b")], id="heredoc"),
    pytest.param("ENV a_b=1\nRUN <<-EOF\n\t#!/bin/sh\n\t\tcd $a_b\n\tls\n\tEOF\n", [(3, "SC2164", (5, 3), "cd $a_b")], id="heredoc-indented"),
    pytest.param("RUN cat <<A 3<<B > /c; cd /b; ls\none\nA\n$(cd /d; ls)\nB\n", [(2, "SC2164", (5, 3), "cd /d"), (2, "SC2164", (2, 24), "cd /b")], id="heredocs-behind"),
    pytest.param("ONBUILD RUN cd /b; ls\n", [(2, "SC2164", (2, 13), "cd /b")], id="onbuild"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "found"), PLACES)
def test_places(data: str, found: list[tuple[int, str, tuple[int, int], str]], ask: Ask) -> None:
    assert sorted(told(data, ask)) == sorted(found)


def test_what_cannot_be_read_has_a_place(ask: Ask) -> None:
    found = told("RUN true && \\\n if true\n", ask)
    assert {one[1] for one in found} >= {"SC1073", "SC1072"}
    assert {(one[0], one[2][0]) for one in found} == {(2, 3)}


NOTHING = [
    pytest.param("ENV a_=1\nARG b_\nRUN echo $a_ $b_ $http_proxy\n", id="variables-in-force"),
    pytest.param('SHELL ["pwsh", "-Command"]\nRUN echo $foo\n', id="powershell"),
    pytest.param('SHELL ["cmd", "/S", "/C"]\nRUN echo %foo%&cd x\n', id="cmd"),
    pytest.param('SHELL ["ash", "-c"]\nRUN true\n', id="ash"),
    pytest.param('SHELL ["bash", "-euo", "pipefail", "-c"]\nRUN cd /b; ls\n', id="shell-that-stops"),
    pytest.param("RUN <<EOF\n#!/bin/sh -e\ncd /b\nls\nEOF\n", id="script-that-stops"),
    pytest.param("RUN <<EOF\n# shellcheck disable=SC2164\ncd /b\ncd /c\nls\nEOF\n", id="directive"),
    pytest.param("RUN <<EOF\n#!/usr/bin/env perl\nprint $foo;\nEOF\n", id="perl"),
    pytest.param('RUN ["cd", "$foo", ";", "ls"]\n', id="no-shell"),
    pytest.param("# hadolint shell=bash\nRUN [[ -n $HOME ]]\n", id="pragma"),
    pytest.param("RUN . ./env.sh && source_of=$x . /b\n# hadolint ignore=SC2034,SC2154\n", id="sourced"),
]


@pytest.mark.parametrize("data", NOTHING)
def test_nothing_to_say(data: str, ask: Ask) -> None:
    assert [one for one in told(data, ask) if one[1] not in {"SC2034", "SC2154"}] == []


def test_levels_are_shellchecks(ask: Ask) -> None:
    outcome = looked("RUN for f in `ls`; do cd $f; done\n", ask)
    levels = {one.code: str(one.level) for one in outcome.findings}
    assert levels == {"SC2045": "error", "SC2006": "style", "SC2164": "warning", "SC2086": "info"}


def test_comments_and_configuration_count(ask: Ask) -> None:
    cd = "RUN cd /b; ls\n"
    assert looked("# hadolint ignore=SC2164\n" + cd, ask).findings == ()
    assert [one.code for one in looked("# hadolint ignore=SC2164\n" + cd, ask).suppressed] == ["SC2164"]
    assert looked("# hadolint global ignore=SC2164\n" + cd + cd, ask).findings == ()
    assert looked("# lading ignore=SC2164\n# told\n" + cd, ask).findings == ()
    assert looked("# hadolint ignore=SC2086\n" + cd, ask).findings != ()
    assert looked("RUN true \\\n  && cd /b; ls\n", ask, Config(ignored=frozenset({"SC2164"}))).findings == ()
    (one,) = looked(cd, ask, Config(levels={"SC2164": "style"})).findings
    assert str(one.level) == "style"
    assert looked(cd, ask, Config(levels={"SC2164": "ignore"})).findings == ()


def test_rules_see_none_of_it(ask: Ask) -> None:
    data = (PINNED + "RUN cd /b; ls\nUSER 1\n").encode()
    alone, both = checking.check(data), checking.check(data, shellcheck=ask)
    assert [one for one in both.findings if not one.code.startswith("SC")] == list(alone.findings)
    assert [one.code for one in both.findings if one.code.startswith("SC")] == ["SC2164"]


def test_what_could_not_be_checked_is_said() -> None:
    def refuses(scripts: Sequence[str]) -> list[Answer]:
        return [Answer(problem=f"are {len(one)} bad") for one in scripts]

    outcome = looked("RUN a\nRUN \\\n bc\n", refuses)
    assert outcome.unread == (
        "the shell commands of line 2 are 11 bad",
        "the shell commands of line 3 are 12 bad",
    )
    assert outcome.findings == ()


def test_findings_stand_inside_their_instruction() -> None:
    """Whatever place ShellCheck names, also one that is not there."""
    places = [0, 1, 2, 3, 4, 5, 99, 10**9, -1]

    def odd(scripts: Sequence[str]) -> list[Answer]:
        comments = [
            Comment(line, column, end_line, end_column, "info", 9999, "told")
            for line in places
            for column in places
            for end_line in places
            for end_column in places
        ]
        return [Answer(tuple(comments)) for _ in scripts]

    outcome = looked("ENV a=1\nRUN <<EOF\n$a\n\nEOF\nRUN x\nRUN y", odd)
    assert {one.line for one in outcome.findings} == {3, 7, 8}
    for one in outcome.findings:
        (run,) = [each for each in outcome.file.instructions if each.line == one.line]
        assert run.span.start <= one.span.start <= one.span.end <= run.span.end
    assert isinstance(outcome.findings[0], Finding)


SHELL = st.lists(
    st.sampled_from(
        ["echo ", "cd ", "$x ", '"', "'", "`", "; ", "&& ", "\\\n", "| ", "$(", ")", "[ ", "] ", "a ", "é", "\t", "<<EOF\n", "EOF\n", "{ ", "} ", "#", "\\", "\udcff", "\n", "\r\n"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(SHELL, max_size=12))
def test_any_shell_text_gives_findings_that_fit(ask: Ask, runs: list[str]) -> None:
    outcome = looked("".join(f"RUN {text}\n" for text in runs), ask)
    assert outcome.unread == ()
    for one in outcome.findings:
        assert 1 <= one.line <= one.start.line <= len(outcome.file.source.starts)
        assert one.span.start <= one.span.end <= len(outcome.file.source.text)


def test_fixing_asks_again(ask: Ask) -> None:
    data = (PINNED + "RUN echo `uname`; cd /b; cp $HOME /b\n").encode()
    safe = fixing.fix(data, rules=[], shellcheck=ask)
    assert safe.data == data.replace(b"`uname`", b"$(uname)")
    assert (safe.faults, [one.code for one in safe.applied]) == ((), ["SC2006"])
    every = fixing.fix(data, rules=[], shellcheck=ask, unsafe=True)
    assert every.data.decode() == PINNED + 'RUN echo $(uname); cd /b || exit; cp "$HOME" /b\n'
    assert every.faults == ()
