"""What rules look at: instructions by kind, stages, shells, and indexes that may not answer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lading.dockerfile.instruction import Cmd, Copy, Healthcheck, Onbuild, Run, User
from lading.dockerfile.parse import parse
from lading.errors import UnavailableError
from lading.lint import subject as module
from lading.lint.pin_source import Wanted
from lading.lint.subject import Subject


def subject(text: str, **more: object) -> Subject:
    return Subject(parse(text), **more)  # type: ignore[arg-type]  # what Subject takes


def test_instructions_inside_onbuild_are_seen_too() -> None:
    made = subject("FROM a\nRUN b\nONBUILD RUN c\nUSER d")
    assert [one.name for one in made.instructions] == ["FROM", "RUN", "ONBUILD", "RUN", "USER"]
    assert [one.arguments.text for one in made.all(Run)] == ["b", "c"]
    assert len(made.all(User)) == len(made.all(Onbuild)) == 1
    assert made.all(Copy) == ()


def test_stages_and_what_they_are_built_upon() -> None:
    made = subject("ARG V=1\nFROM a:$V AS b\nRUN x\nFROM B AS c\nONBUILD RUN y\nFROM d\nFROM c")
    first, second, third, fourth = made.stages
    assert [made.parent(one) for one in made.stages] == [None, first, None, second]
    assert list(made.lineage(fourth)) == [fourth, second, first]
    assert [made.image(one) for one in made.stages] == ["a:1", "a:1", "d", "a:1"]
    assert [made.stage_of(one) for one in made.instructions] == [None, first, first, second, second, second, third, fourth]  # fmt: skip


def test_two_instructions_that_read_the_same_are_two() -> None:
    made = subject("FROM a\nRUN b\nFROM c\nRUN b")
    assert [one.index for run in made.all(Run) if (one := made.stage_of(run))] == [0, 1]


KEYWORDS = [
    pytest.param("FROM a\nRUN b", "USER", id="upper"),
    pytest.param("from a\nrun b", "user", id="lower"),
    pytest.param("FROM a\nrun b", "USER", id="half"),
    pytest.param("FROM a\nrun b\nrun c", "user", id="more"),
    pytest.param("From a", "USER", id="mixed"),
    pytest.param("", "USER", id="empty"),
]


@pytest.mark.parametrize(("text", "keyword"), KEYWORDS)
def test_fixes_write_as_the_file_does(text: str, keyword: str) -> None:
    assert subject(text).keyword("USER") == keyword


SHELLS = [
    pytest.param("FROM a\nRUN x", "sh", id="nothing"),
    pytest.param('FROM a\nSHELL ["/bin/bash", "-c"]\nRUN x', "bash", id="bash"),
    pytest.param('FROM a\nSHELL ["/usr/bin/env", "-S", "zsh", "-c"]\nRUN x', "zsh", id="env"),
    pytest.param('FROM a\nSHELL ["busybox", "sh"]\nRUN x', "sh", id="busybox"),
    pytest.param('FROM a\nSHELL ["powershell", "-command"]\nRUN x', "", id="powershell"),
    pytest.param('FROM a\nSHELL ["C:\\\\\\\\bin\\\\\\\\BASH.EXE"]\nRUN x', "bash", id="windows path"),
    pytest.param('FROM a\nSHELL ["cmd"]\nSHELL ["sh"]\nRUN x', "sh", id="set back"),
    pytest.param('FROM a\nSHELL ["cmd"]\nFROM a\nRUN x', "sh", id="another stage"),
    pytest.param('FROM a AS b\nSHELL ["cmd"]\nFROM B\nRUN x', "", id="stage beneath"),
    pytest.param("FROM mcr.microsoft.com/windows/nanoserver:1\nRUN x", "", id="windows image"),
    pytest.param("FROM --platform=windows/amd64 a\nRUN x", "", id="windows platform"),
    pytest.param("FROM mcr.microsoft.com/dotnet/framework/sdk:4.8\nRUN x", "", id="what only windows has"),
    pytest.param("FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN x", "sh", id="what runs elsewhere too"),
    pytest.param("ARG B=a/windows/b\nFROM $B\nRUN x", "", id="windows image in a variable"),
    pytest.param('FROM a\nSHELL ["bash"]\nONBUILD RUN x', "bash", id="inside ONBUILD"),
]


@pytest.mark.parametrize(("text", "language"), SHELLS)
def test_the_shell_in_force(text: str, language: str) -> None:
    made = subject(text)
    assert made.language(made.all(Run)[-1]) == language


def test_a_comment_names_the_shell() -> None:
    made = subject("FROM a\nRUN x", shells=((0, "bash -e"),))
    assert made.language(made.all(Run)[0]) == "bash"


SCRIPTS = [
    pytest.param("RUN a | b", ["a", "b"], id="shell form"),
    pytest.param('RUN ["a", "|", "b"]', ["a | b"], id="exec form"),
    pytest.param("RUN []", [], id="empty exec form"),
    pytest.param('RUN ["sh", "-c"]', ["sh -c"], id="exec form of a shell without text"),
    pytest.param('RUN ["sh", "a", "-c", "b"]', ["sh a -c b"], id="exec form of a script"),
    pytest.param('RUN ["a", "-c", "b"]', ["a -c b"], id="exec form of another program"),
    pytest.param("RUN a \\\n # b\n && c", ["a", "c"], id="continued"),
    pytest.param("RUN <<E\na\nb | c\nE", ["a", "b", "c"], id="heredoc"),
    pytest.param("RUN <<-'E'\n\ta\n\tE", ["a"], id="heredoc with tabs"),
    pytest.param("RUN <<E\n#!/usr/bin/env python3\na\nE", [], id="heredoc of another language"),
    pytest.param("RUN <<E\n#!/bin/bash -e\na\nE", ["a"], id="heredoc with its shell"),
    pytest.param("RUN cat <<E && b\na\nE", ["cat", "b"], id="heredoc as input"),
    pytest.param("RUN a <<E <<F | b\nx\nE\ny\nF", ["a", "b"], id="two heredocs"),
    pytest.param("RUN --mount=type=cache,target=/c a", ["a"], id="flags"),
    pytest.param("ONBUILD RUN a", ["a"], id="inside ONBUILD"),
    pytest.param("ONBUILD RUN <<E\na\nE", ["a"], id="heredoc inside ONBUILD"),
]


@pytest.mark.parametrize(("line", "commands"), SCRIPTS)
def test_commands_of_a_step(line: str, commands: list[str]) -> None:
    made = subject("FROM a\n" + line)
    found = [command for _, command in made.commands()]
    assert [" ".join([one.name, *one.texts]) for one in found] == commands
    for one in found:
        for word in one.words:
            assert made.text(word.span).strip('"') == word.text


HANDED_ON = [
    pytest.param('["/bin/bash", "-c", "a b && c"]', ["a b", "c"], id="plain"),
    pytest.param('["bash", "-eo", "pipefail", "-c", "a | b"]', ["a", "b"], id="option with a value"),
    pytest.param('["/usr/bin/env", "sh", "-ec", "a"]', ["a"], id="env"),
    pytest.param('["busybox", "sh", "-c", "a"]', ["a"], id="busybox"),
    pytest.param('["sh", "-c", ""]', [], id="empty"),
    pytest.param('["sh", "-c", "a (", "x"]', ["a"], id="broken"),
]


@pytest.mark.parametrize(("form", "commands"), HANDED_ON)
def test_what_an_exec_form_hands_to_a_shell(form: str, commands: list[str]) -> None:
    made = subject(f"FROM a\nRUN {form}")
    found = [command for _, command in made.commands()][1:]
    assert [" ".join([one.name, *one.texts]) for one in found] == commands
    assert [made.text(word.span) for one in found for word in one.words] == " ".join(commands).split()


READ = [
    pytest.param("RUN bash <<E\na b\nc | d\nE", ["bash", "a b", "c", "d"], id="behind"),
    pytest.param("RUN <<-'E' /bin/sh -eux\n\ta\n\tE", ["/bin/sh -eux", "a"], id="before"),
    pytest.param("RUN bash -euo pipefail <<E\na\nE", ["bash -euo pipefail", "a"], id="option with a value"),
    pytest.param("RUN bash - <<E\na\nE", ["bash -", "a"], id="dash"),
    pytest.param("RUN bash file <<E\na\nE", ["bash file"], id="input of a script"),
    pytest.param("RUN bash -c b <<E\na\nE", ["bash -c b"], id="input of a command"),
    pytest.param("RUN bash <<E && b\na\nE", ["bash", "b"], id="not all of it"),
    pytest.param("RUN cat <<E\na\nE", ["cat"], id="no shell"),
    pytest.param("RUN bash <<E < f\na\nE", ["bash"], id="other input"),
]


@pytest.mark.parametrize(("line", "commands"), READ)
def test_a_heredoc_that_a_shell_reads(line: str, commands: list[str]) -> None:
    made = subject("FROM a\n" + line)
    found = [command for _, command in made.commands()]
    assert [" ".join([one.name, *one.texts]) for one in found] == commands
    run = made.all(Run)[0]
    assert made.reads_heredoc(run) == (len(commands) > 1 and "&&" not in line)
    assert made.is_plain_shell(run) != made.reads_heredoc(run)


def test_where_json_has_escapes_the_place_is_where_the_string_begins() -> None:
    text = 'FROM a\nRUN ["sh", "-c", "\\u0061 \\"b\\" && c"]'
    _, *found = [command for _, command in subject(text).commands()]
    assert [(one.name, *one.texts) for one in found] == [("a", "b"), ("c",)]
    assert {word.span.start for one in found for word in one.words} == {text.index('"\\u') + 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN b", True),
        ('FROM a\nRUN ["b"]', True),
        ("FROM a\nHEALTHCHECK NONE", True),
        ("FROM a\nWORKDIR b", True),
        ('FROM a\nRUN ["sh", "-c", "b"]', False),
        ('FROM a\nSHELL ["pwsh", "-c"]\nRUN b', False),
        ('FROM a\nSHELL ["pwsh", "-c"]\nRUN ["b"]', True),
        ('FROM a\nONBUILD CMD ["sh", "-c", "b"]', False),
    ],
)
def test_fixes_may_edit_what_they_can_read(text: str, *, expected: bool) -> None:
    made = subject(text)
    assert made.is_plain_shell(made.file.instructions[-1]) is expected


def test_commands_elsewhere() -> None:
    made = subject("FROM a\nHEALTHCHECK CMD b || c\nHEALTHCHECK NONE\nCMD d e\nUSER f")
    names = [
        [command.name for script in made.scripts(one) for command in script.commands]
        for one in made.instructions
    ]
    assert names == [[], ["b", "c"], [], ["d"], []]
    assert [made.scripts(one) for one in made.all(Healthcheck)][1] == ()
    assert made.scripts(made.all(Cmd)[0]) is made.scripts(made.all(Cmd)[0])


def test_shell_text_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_SHELL_S", -1.0)
    made = subject("FROM a\nRUN b\nRUN c")
    assert [command.name for _, command in made.commands()] == []
    assert made.scripts(made.all(Run)[0])[0].broken


class Index:
    """Knows one version, or says no."""

    def __init__(self, error: UnavailableError | None = None) -> None:
        self.error = error
        self.asked: list[Wanted] = []

    def versions(self, wanted: Wanted) -> Mapping[str, str]:
        self.asked.append(wanted)
        if self.error:
            raise self.error
        return {"curl": "8"}


def test_versions_come_from_the_index() -> None:
    index = Index()
    made = subject("FROM a", index=index)
    assert made.pins("apt", ("curl", "x"), "debian:12") == {"curl": "8"}
    assert made.pins("apt", ()) == {}
    assert index.asked == [Wanted("apt", ("curl", "x"), "debian:12")]


def test_an_index_that_does_not_answer_is_a_note_once() -> None:
    made = subject("FROM a", index=Index(UnavailableError("no answer", "deb.example.com", "try later")))
    assert made.pins("apt", ("curl",)) == {}
    assert made.pins("apt", ("wget",)) == {}
    assert made.notes == ["deb.example.com: no answer (try later)"]


def test_without_an_index_nothing_is_known_and_nothing_said() -> None:
    made = subject("FROM a")
    assert made.pins("apt", ("curl",)) == {}
    assert made.notes == []


def test_what_a_stage_has_before_an_instruction() -> None:
    known = Subject(parse("FROM a\nUSER x\nONBUILD USER o\nRUN 1\nUSER y\nFROM b\nUSER z\n"))
    first, second = known.stages
    run = first.instructions[2]
    assert [one.user.value for one in known.of_stage(first, User)] == ["x", "y"]
    assert [one.user.value for one in known.of_stage(first, User, run)] == ["x"]
    assert [one.user.value for one in known.of_stage(second, User)] == ["z"]
    assert known.of_stage(second, Run) == []
