"""What ShellCheck gets to read, as text; that it is what hadolint hands over is seen in test_against_hadolint.py."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.dockerfile.parse import parse
from lading.lint import sc_text
from lading.lint.hadolint_config import Config
from lading.lint.shell_text import Languages


def texts(data: str | bytes) -> list[str]:
    return sc_text.texts(
        data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"), Config()
    )


DIRECTED = "# told\n\n  #shellcheck disable=SC1 # so\n# shellcheck shell=ksh\nls $v\n# shellcheck x=y\n"
FILES = [
    pytest.param("FROM a\nRUN make\n", ["#!/bin/sh\nmake"], id="plain"),
    pytest.param("FROM a\nRUN a \\\n  # told\n\n  && b\n", ["#!/bin/sh\na   && b"], id="continued"),
    pytest.param("# escape=`\nFROM a\nRUN a `\n  && b\n", ["#!/bin/sh\na   && b"], id="other-escape"),
    pytest.param("FROM a\nRUN --mount=type=cache,target=/c make\n", ["#!/bin/sh\nmake"], id="flags"),
    pytest.param('FROM a\nRUN ["make", "$x"]\nCMD make $x\nENTRYPOINT make\nHEALTHCHECK CMD make\n', [], id="no-run-in-shell-form"),
    pytest.param("FROM a\nONBUILD RUN make\nONBUILD COPY . .\n", ["#!/bin/sh\nmake"], id="onbuild"),
    pytest.param('FROM a\nSHELL ["/bin/bash", "-c"]\nRUN a\nFROM b\nRUN b\n', ["#!/bin/bash\na", "#!/bin/sh\nb"], id="shell"),
    pytest.param('FROM a AS b\nSHELL ["bash", "-euc"]\nFROM b\nRUN b\n', ["#!/bin/bash -e\nb"], id="shell-inherited"),
    pytest.param('FROM a\nSHELL ["bash", "-o", "errexit", "-c"]\nRUN b\n', ["#!/bin/bash -e\nb"], id="shell-errexit"),
    pytest.param('FROM a\nSHELL ["bash", "-o", "pipefail", "-c"]\nRUN b\n', ["#!/bin/bash\nb"], id="shell-pipefail"),
    pytest.param('FROM a\nSHELL ["pwsh", "-c"]\nRUN a\nSHELL ["cmd", "/S", "/C"]\nRUN b\nSHELL ["zsh", "-c"]\nRUN c\n', [], id="others"),
    pytest.param("FROM mcr.microsoft.com/windows/servercore:1\nRUN dir\n", [], id="windows"),
    pytest.param("# hadolint shell=ksh\nFROM a\nRUN b\n", ["#!/bin/ksh\nb"], id="pragma"),
    pytest.param("RUN before\nFROM a\n", [], id="before-from"),
    pytest.param("FROM a\nRUN <<EOF\necho a\necho b\nEOF\n", ["#!/bin/sh\necho a\necho b\n"], id="heredoc"),
    pytest.param("FROM a\nRUN <<EOF\n#!/usr/bin/env bash\necho a\nEOF\n", ["#!/bin/bash\n\necho a\n"], id="heredoc-of-bash"),
    pytest.param("FROM a\nRUN <<EOF\n#!/bin/sh -eu\necho a\nEOF\n", ["#!/bin/sh -e\n\necho a\n"], id="heredoc-that-stops"),
    pytest.param('FROM a\nSHELL ["sh", "-ec"]\nRUN <<EOF\n#!/bin/sh\necho a\nEOF\n', ["#!/bin/sh\n\necho a\n"], id="heredoc-of-its-own"),
    pytest.param("FROM a\nRUN <<EOF\n#!/usr/bin/python3\nprint(1)\nEOF\n", [], id="heredoc-of-python"),
    pytest.param('FROM a\nRUN <<-"EOF"\n\techo a\n\t\techo b\n\tEOF\n', ["#!/bin/sh\necho a\necho b\n"], id="heredoc-indented"),
    pytest.param("FROM a\nRUN <<EOF\n#!/bin/sh", [], id="heredoc-without-end"),
    pytest.param("FROM a\nRUN <<EOF\n#!/bin/sh\nEOF\n", ["#!/bin/sh\n\n"], id="heredoc-of-nothing"),
    pytest.param(
        "FROM a\nRUN cat <<A <<-B > f \\\n  && ls\none\nA\n\ttwo\n\tB\n",
        ["#!/bin/sh\ncat <<A <<-B > f   && ls\none\nA\n\ttwo\n\tB"],
        id="heredocs-behind-commands",
    ),
    pytest.param(
        "FROM a\nARG v\nRUN <<EOF\n" + DIRECTED + "EOF\n",
        ["#!/bin/sh\n#shellcheck disable=SC1 # so\n# shellcheck shell=ksh\nexport v=1\n" + DIRECTED],
        id="directives-are-for-all-of-it",
    ),
    pytest.param(b"FROM a\nRUN echo \xff\xc3\xa9\n", ["#!/bin/sh\necho \ufffdé"], id="not-utf-8"),
    pytest.param("FROM a\r\nRUN a \\\r\n  && b\r\n", ["#!/bin/sh\na   && b"], id="carriage-returns"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "scripts"), FILES)
def test_scripts(data: str | bytes, scripts: list[str]) -> None:
    assert texts(data) == scripts


VARIABLES = [
    pytest.param("ENV a=1 b=2\nARG c\nRUN $a $c\n", "export a=1 c=1", id="those-that-are-named"),
    pytest.param("ENV a=1\nRUN echo a $((a + 1))\n", "export a=1", id="words-may-be-variables"),
    pytest.param("RUN $a\nENV a=1\n", "$a", id="later-ones-not"),
    pytest.param("ARG a=2\nENV b $a\nRUN echo $b\n", "export b=1", id="old-form"),
    pytest.param(
        "RUN echo $http_proxy $ALL_PROXY $TARGETARCH\n", "export ALL_PROXY=1 http_proxy=1", id="the-builders"
    ),
    pytest.param("ENV MY_VAR=1 other=2\nRUN echo $MYVAR\n", "export MY_VAR=1", id="slips"),
    pytest.param(
        "ENV MY_VAR=1 VAR_MY=1 MYTHING=1\nRUN echo ${MYVAR}\n",
        "export MY_VAR=1 VAR_MY=1",
        id="slips-are-near",
    ),
    pytest.param("ENV a-b=1 c.d=2\nRUN echo $a-b $c.d\n", "echo $a-b $c.d", id="no-names-for-a-shell"),
    pytest.param("ENV a=1\nFROM b\nRUN $a\n", "$a", id="another-stage"),
    pytest.param("ONBUILD RUN $a\nARG a\nONBUILD RUN $a\n", "$a", id="onbuild"),
]


@pytest.mark.parametrize(("data", "line"), VARIABLES)
def test_variables_in_force(data: str, line: str) -> None:
    assert texts("FROM x\n" + data)[0].splitlines()[1] == line


def test_stages_hand_their_variables_on() -> None:
    assert texts("ARG early\nFROM a AS b\nENV c=1\nFROM b\nRUN $c $early\n") == [
        "#!/bin/sh\nexport c=1\n$c $early"
    ]


def test_many_variables_take_no_time() -> None:
    """Slips are looked for among few, names among all."""
    lines = [f"ENV v{number}=1" for number in range(20_000)]
    runs = [f"RUN echo $v{number} $w{number}" for number in range(0, 20_000, 7)]
    found = texts("\n".join(["FROM a", *lines, *runs]))
    assert found[3] == "#!/bin/sh\nexport v21=1\necho $v21 $w21"
    assert len(found) == len(runs)


TEXT = st.lists(
    st.sampled_from(
        ["FROM a\n", "RUN ", "<<EOF", "<<-'E'", "EOF", "E", "\n", "\t", "\\\n", "#!/bin/bash -e", "# shellcheck a", "$x", "é", "\udcff", "\r\n", "ENV x=1\n", "ONBUILD "]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(TEXT)
def test_every_character_is_found_again(text: str) -> None:
    """What is not the head comes from the source, character by character; `texts` is the same."""
    file = parse("FROM a\n" + text)
    scripts = list(sc_text.of(file, Languages(file)))
    for script in scripts:
        body = script.body
        head, rest = script.text[: -len(body.text) or None], script.text[len(script.text) - len(body.text) :]
        assert sc_text.NOT_UTF_8.sub("\ufffd", body.text) == rest
        assert script.first_line == script.text[: len(script.text) - len(rest)].count("\n") + 1
        assert head.startswith("#!/bin/") or not rest
        for index, character in enumerate(body.text):
            at = body.at(index)
            assert character == "\n" or file.source.text[at] == character
    assert [one.text for one in scripts] == texts("FROM a\n" + text)
