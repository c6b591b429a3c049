"""From bytes to findings: places, levels, order, and files that nobody has written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading import lint
from lading.dockerfile.source import Position, Span
from lading.lint import checking
from lading.lint.finding import Finding
from lading.lint.fixing import fix
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def rule(*found: Found, code: str = "LD0001", level: Level = Level.INFO) -> Rule:
    return Rule(
        code=code,
        title="A rule.",
        level=level,
        why="For tests.",
        check=lambda _: iter(found),
        bad=(),
        good=(),
    )


TEXT = b"FROM a:1\n\n  RUN one \\\n    && two\n"
TWO = Span(TEXT.index(b"two"), TEXT.index(b"two") + 3)


def places(code: str, found: Found) -> tuple[int, int, int, int, Position]:
    (one,) = checking.check(TEXT, rules=[rule(found, code=code)]).findings
    return one.line, one.column, one.end_line, one.end_column, one.start


def test_a_finding_is_whole() -> None:
    (one,) = checking.check(TEXT, "x/Dockerfile", rules=[rule(Found(TWO, "no"))]).findings
    assert one == Finding(
        file="x/Dockerfile",
        line=4,
        column=8,
        end_line=4,
        end_column=11,
        code="LD0001",
        level=Level.INFO,
        message="no",
        span=TWO,
        start=Position(4, 8),
    )


def test_hadolints_codes_are_reported_where_the_instruction_begins() -> None:
    assert places("DL3999", Found(TWO, "no")) == (3, 3, 4, 11, Position(4, 8))


def test_other_codes_are_reported_where_they_are() -> None:
    assert places("LD0001", Found(TWO, "no")) == (4, 8, 4, 11, Position(4, 8))


def test_a_rule_may_name_the_line() -> None:
    assert places("LD0001", Found(TWO, "no", line=1)) == (1, 1, 4, 11, Position(4, 8))
    assert places("DL3999", Found(TWO, "no", line=4)) == (4, 8, 4, 11, Position(4, 8))


def test_what_is_in_no_instruction_is_reported_where_it_is() -> None:
    (one,) = checking.check(
        b"FROM a:1\n# x\n", rules=[rule(Found(Span(9, 12), "no"), code="DL3999")]
    ).findings
    assert (one.line, one.column) == (2, 1)


def test_findings_are_sorted_and_none_is_there_twice() -> None:
    found = [Found(TWO, "b"), Found(Span(0, 4), "c"), Found(TWO, "a"), Found(TWO, "b")]
    rules = [rule(*found), rule(Found(TWO, "x"), code="DL3999")]
    outcome = checking.check(TEXT, rules=rules)
    assert [(one.line, one.code, one.message) for one in outcome.findings] == [
        (1, "LD0001", "c"),
        (3, "DL3999", "x"),
        (4, "LD0001", "a"),
        (4, "LD0001", "b"),
    ]


LEVELS = [
    pytest.param(Config(), Found(TWO, "x"), ["info"], id="the rule's"),
    pytest.param(Config(), Found(TWO, "x", level=Level.ERROR), ["error"], id="the finding's"),
    pytest.param(Config(levels={"LD0001": "style"}), Found(TWO, "x", level=Level.ERROR), ["style"], id="set"),
    pytest.param(Config(levels={"LD0001": "ignore"}), Found(TWO, "x"), [], id="switched off"),
    pytest.param(Config(ignored=frozenset({"LD0001"})), Found(TWO, "x"), [], id="ignored"),
    pytest.param(Config(ignored=frozenset({"LD0002"})), Found(TWO, "x"), ["info"], id="another ignored"),
    pytest.param(Config(levels={"SC1": "error"}), Found(TWO, "x", code="SC1"), ["error"], id="by its own code"),
    pytest.param(Config(ignored=frozenset({"LD0001"})), Found(TWO, "x", code="SC1"), ["info"], id="not by the rule's"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "found", "levels"), LEVELS)
def test_levels(config: Config, found: Found, levels: list[str]) -> None:
    outcome = checking.check(TEXT, config=config, rules=[rule(found)])
    assert [one.level.value for one in outcome.findings] == levels


def test_a_rule_that_is_off_runs_once_it_has_a_level() -> None:
    off = rule(Found(TWO, "x"), level=Level.IGNORE)
    assert checking.check(TEXT, rules=[off]).findings == ()
    assert len(checking.check(TEXT, config=Config(levels={"LD0001": "info"}), rules=[off]).findings) == 1


def test_levels_have_an_order() -> None:
    assert [level.rank for level in Level] == [0, 1, 2, 3, 4]
    assert min(Level, key=lambda level: level.rank) is Level.ERROR


def test_errors_of_the_parser_are_findings() -> None:
    outcome = checking.check(b"FROM a:1\nFETCH b\n  COPY c\n", rules=[])
    assert [(one.line, one.column, one.code, one.level.value, one.message) for one in outcome.findings] == [
        (2, 1, "DL1000", "error", "there is no instruction FETCH"),
        (3, 8, "DL1000", "error", "COPY needs at least one source and a target"),
    ]


def test_only_rules_whose_words_are_there_run(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(code: str) -> Rule:
        loaded.append(code)
        return rule(code=code)

    words = {
        "A": ("a",),
        "B": ("b", "sudo"),
        "C": ("c", "=run", "apk,apt-get"),
        "D": ("d", "#"),
        "E": ("e", "<<"),
    }
    monkeypatch.setattr(lint, "RULES", words)
    monkeypatch.setattr(lint, "load", load)
    seen = {}
    for text in (
        "FROM a",
        "RUN SuDo b",
        "RUN a\\\npt-get b",
        'RUN "apt"-g\\et b',
        "RUN cat <<E\nsudo\nE",
        "# sudo",
        "COPY apk /",
    ):
        loaded.clear()
        checking.check(text.encode())
        seen[text] = "".join(loaded)
    assert list(seen.values()) == ["A", "AB", "AC", "AC", "ABE", "ABD", "A"]
    loaded.clear()
    checking.check(b"FROM a", config=Config(ignored=frozenset({"A"})))
    assert loaded == []


def test_notes_come_out() -> None:
    def look(subject: Subject) -> list[Found]:
        subject.notes.append("nobody answered")
        return []

    noting = Rule(code="LD1", title="", level=Level.INFO, why="", check=look, bad=(), good=())
    assert checking.check(b"FROM a", rules=[noting]).notes == ("nobody answered",)


def test_all_rules_have_what_they_need_of_a_context(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert checking.check(b"FROM scratch\nCOPY a b /\n", context=tmp_path).file.stages


ODD = {
    "empty": b"",
    "blank": b" \n\t\n",
    "comments": b"# a\n# hadolint ignore=DL3004",
    "no FROM": b"RUN a\n",
    "NUL": b"FROM a\nRUN \0 | b\n\0",
    "carriage returns": b"FROM a\rRUN b\r",
    "CRLF": b"FROM a\r\nRUN cd b \\\r\n && c\r\nCMD d\r\n",
    "mark": b"\xef\xbb\xbfFROM a\nWORKDIR b",
    "not UTF-8": b"FROM a\xff\nRUN sudo \xfe | cd \xfd\nCMD \xfc\nWORKDIR \xfb\nMAINTAINER \xfa",
    "open heredoc": b"FROM a\nRUN <<E\ncd b | sudo c",
    "open line": b"FROM a\nUSER root\nRUN b \\",
    "open JSON": b'FROM a\nCMD ["b\nENTRYPOINT [',
    "keywords alone": b"\n".join(b"FROM RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL HEALTHCHECK SHELL MAINTAINER".split()),
    "recursion": b"FROM a\nENV A=${A:-${A:-${A:-$A}}}\nWORKDIR $A\nUSER ${A" + b":-${A" * 200 + b"}" * 201,
    "onbuild": b"FROM a\n" + b"ONBUILD " * 500 + b"RUN b",
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_odd_files_give_findings_in_their_places(data: bytes) -> None:
    for text in (data, data + b"\n", data.replace(b"FROM a", b"FROM scratch")):
        outcome = checking.check(text)
        size = len(outcome.file.source.text)
        lines = len(outcome.file.source.starts)
        for one in outcome.findings:
            assert 0 <= one.span.start <= one.span.end <= size
            assert (
                1 <= one.line <= one.end_line <= lines + 1
            )  # hadolint reports what is missing behind the end
            assert one.column >= 1
        fixed = fix(text, unsafe=True)
        assert fixed.faults == ()
        assert fixed.applied or fixed.data == text


LARGE = {
    "line of 10 MB": b"FROM a\nRUN " + b"x" * 10**7,
    "500 stages": b"".join(b"FROM s%d AS s%d\nRUN sudo a | b && cd c\nUSER root\n" % (n, n + 1) for n in range(500)),
    "many runs": b"FROM a\n" + b"RUN apt-get update && apt-get install -y curl | cat\n" * 2000,
    "many lines": b"FROM a\nRUN a" + b" \\\n && sudo b" * 20_000,
    "many copies": b"FROM a\n" + b"COPY --from=0 a b\nADD c d\n" * 2000,
    "many variables": b"FROM a\n" + b"".join(b"ENV A%d=$A%d\n" % (n + 1, n) for n in range(3000)),
    "many comments": b"# hadolint ignore=DL3004\n# lading ignore=DL3003\n" * 20_000 + b"FROM a",
    "many labels": b"FROM a\nLABEL " + b"a=b " * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
@pytest.mark.timeout(180)
def test_large_files_are_read_in_time(data: bytes) -> None:
    assert checking.check(data).findings


_PIECES = st.sampled_from(
    [b"FROM ", b"a:1", b" AS b", b"\n", b"\r\n", b"RUN ", b"cd /x", b" && ", b" | ", b"sudo ", b"apt-get install -y ", b"curl", b"\\\n", b"<<E", b"E\n",
     b"CMD ", b"[", b'"', b",", b"]", b"'", b"ADD ", b"COPY ", b"--from=", b"--mount=", b"USER ", b"root", b"WORKDIR ", b"ENV ", b"ARG ", b"A=", b"$A", b"${A",
     b"}", b"ONBUILD ", b"SHELL ", b"# hadolint ignore=DL3004\n", b"# escape=`\n", b"`", b"\xff", b"\0", b" ", b"LABEL ", b"EXPOSE 1", b"HEALTHCHECK ",
     b"pip install x", b"apk add y", b"adduser z", b"wget ", b"http://x/y", b"npm install ", b"MAINTAINER ", b"VOLUME ", b"ENTRYPOINT ", b"=", b"\t", b"\xc3\xa9",
     b"yum install -y ", b"dnf ", b"gem install ", b"go install x@latest", b"rm -rf /", b"chmod 777 ", b"useradd ", b"tar x", b".", b"/"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=50).map(b"".join))
def test_any_file_gives_findings_and_a_fixed_file(pieces: bytes) -> None:
    data = b"FROM a:1\n" + pieces
    outcome = checking.check(data)
    assert list(outcome.findings) == sorted(
        outcome.findings, key=lambda one: (one.line, one.column, one.code, one.span, one.message)
    )
    fixed = fix(data, unsafe=True)
    assert not [fault for fault in fixed.faults if fault.reason.endswith(checking.SYNTAX)]
    assert fix(fixed.data, unsafe=True).applied == ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_findings(data: bytes) -> None:
    checking.check(data)
    assert fix(data).applied or fix(data).data == data


@pytest.mark.parametrize(
    ("text", "fixable"),
    [
        ("FROM a:1\nRUN apt-get install b=1\n", True),
        ('FROM a:1\nRUN ["apt-get", "install", "b=1"]\n', True),
        ('FROM a:1\nRUN ["bash", "-c", "apt-get install b=1"]\n', False),
        ('FROM a:1\nSHELL ["pwsh", "-c"]\nRUN apt-get install b=1\n', False),
        ('FROM a:1\nSHELL ["pwsh", "-c"]\nONBUILD RUN apt-get install b=1\n', False),
    ],
)
def test_a_fix_is_only_offered_where_its_shell_is_known(text: str, *, fixable: bool) -> None:
    found = checking.check(text.encode(), rules=[lint.load("DL3014")]).findings
    assert [one.fixable for one in found] == [fixable]


def test_the_case_of_a_keyword_is_mended_before_any_shell() -> None:
    text = b'FROM a:1\nSHELL ["pwsh", "-c"]\nrun b\n'
    found = checking.check(text, rules=[lint.load("ConsistentInstructionCasing")]).findings
    assert [one.fixable for one in found] == [True]


THREADS = """
import sys, threading
from lading.lint import checking

def text(number):
    steps = "".join(f"  cd /x{number}_{at} && sudo make {at} && \\\\\\n" for at in range(300))
    return f"FROM a:1\\nRUN true && \\\\\\n{steps}  true\\n".encode()

def found(number):
    return [(one.code, one.message, one.span) for one in checking.check(text(number)).findings]

def compare(number):
    for _ in range(8):
        assert found(number) == alone[number]
    done.append(number)

done = []
alone = [found(number) for number in range(6)]
sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=compare, args=(number,)) for number in range(6)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(sorted(done))
"""


def test_threads_may_look_at_the_same_time() -> None:
    """In a process of its own, which a mistake would crash."""
    ran = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, check=False, timeout=300)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"[0, 1, 2, 3, 4, 5]\n", b"")
