"""Applying fixes: together, again until nothing is left, and never one that makes things worse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Span
from lading.lint import fixing
from lading.lint.fixing import Fixed, fix
from lading.lint.hadolint_config import Config
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def replacing(
    code: str, old: str, new: str, *, safe: bool = True, level: Level = Level.INFO, **more: bool
) -> Rule:
    """Return a rule that finds a text and writes another in its place."""

    def look(subject: Subject) -> Iterator[Found]:
        at = subject.file.source.text.find(old)
        while at >= 0:
            span = Span(at, at + len(old))
            yield Found(span, f"{old} is there", Fix(f"Write {new}", (Edit(span, new),), safe=safe, **more))
            at = subject.file.source.text.find(old, at + 1)

    return Rule(code=code, title="", level=level, why="", check=look, bad=(), good=())


def codes(fixed: Fixed) -> dict[str, list[str]]:
    return {
        "applied": [one.code for one in fixed.applied],
        "left": [one.code for one in fixed.left],
        "conflicts": [one.code for one in fixed.conflicts],
        "faults": [f"{one.finding.code}: {one.reason}" for one in fixed.faults],
    }


def run(text: str, *rules: Rule, unsafe: bool = False) -> tuple[str, dict[str, list[str]]]:
    fixed = fix(text.encode(), unsafe=unsafe, rules=rules)
    return fixed.data.decode(), codes(fixed)


NONE: dict[str, list[str]] = {"applied": [], "left": [], "conflicts": [], "faults": []}


def test_all_that_can_be_fixed_is() -> None:
    found = run("FROM a\nRUN x x y\n", replacing("L1", "x", "b"), replacing("L2", "y", "c"))
    assert found == ("FROM a\nRUN b b c\n", {**NONE, "applied": ["L1", "L1", "L2"]})


def test_what_a_fix_leads_to_is_fixed_too() -> None:
    rules = [
        replacing("L1", "x", "y", reveals=True),
        replacing("L2", "y", "z", reveals=True),
        replacing("L3", "z", "b"),
    ]
    assert run("FROM a\nRUN x\n", *rules) == ("FROM a\nRUN b\n", {**NONE, "applied": ["L1", "L2", "L3"]})


def test_unsafe_fixes_only_when_asked_for() -> None:
    rules = [replacing("L1", "x", "b", safe=False), replacing("L2", "y", "c")]
    assert run("FROM a\nRUN x y\n", *rules) == (
        "FROM a\nRUN x c\n",
        {**NONE, "applied": ["L2"], "left": ["L1"]},
    )
    assert run("FROM a\nRUN x y\n", *rules, unsafe=True)[0] == "FROM a\nRUN b c\n"


def test_the_worse_finding_comes_first_where_two_want_one_place() -> None:
    rules = [replacing("L1", "xy", "b"), replacing("L2", "yz", "c", level=Level.ERROR)]
    assert run("FROM a\nRUN xyz\n", *rules) == ("FROM a\nRUN xc\n", {**NONE, "applied": ["L2"]})


def test_one_that_overlaps_waits_for_the_next_round() -> None:
    rules = [replacing("L1", "xy", "y"), replacing("L2", "y", "c", level=Level.ERROR)]
    assert run("FROM a\nRUN xyy\n", *rules)[0] == "FROM a\nRUN xcc\n"


def test_a_fix_that_leaves_its_finding_is_a_fault() -> None:
    found = run("FROM a\nRUN x y\n", replacing("L1", "x", "x x"), replacing("L2", "y", "b"))
    assert found == (
        "FROM a\nRUN x b\n",
        {**NONE, "applied": ["L2"], "left": ["L1"], "faults": ["L1: L1 is still found after its fix"]},
    )


def test_a_fix_that_brings_another_finding_is_a_fault() -> None:
    found = run(
        "FROM a\nRUN x z\n", replacing("L1", "x", "y"), replacing("L2", "y", "b"), replacing("L3", "z", "c")
    )
    assert found == (
        "FROM a\nRUN x c\n",
        {**NONE, "applied": ["L3"], "left": ["L1"], "faults": ["L1: the fix brings L2"]},
    )


def test_a_fix_that_breaks_the_file_is_a_fault_even_if_it_reveals() -> None:
    text, found = run("FROM a\nRUN x\n", replacing("L1", "RUN x", "FETCH", reveals=True))
    assert text == "FROM a\nRUN x\n"
    assert found["faults"] == ["L1: the fix brings DL1000"]


def test_the_good_ones_among_many_are_found() -> None:
    rules = [replacing(f"L{n:02}", f"x{n:02}", f"b{n:02}" if n % 7 else f"x{n:02}") for n in range(30)]
    text, found = run("FROM a\nRUN " + " ".join(f"x{n:02}" for n in range(30)), *rules)
    assert text == "FROM a\nRUN " + " ".join(f"b{n:02}" if n % 7 else f"x{n:02}" for n in range(30))
    assert [fault[:3] for fault in found["faults"]] == ["L00", "L07", "L14", "L21", "L28"]


def test_a_change_that_two_findings_share_is_made_once() -> None:
    """Both RUNs have a pipe, and one SHELL before the first is enough."""
    fixed = fix(
        b"FROM debian:12\nRUN a | b\nRUN c | d\n",
        unsafe=True,
        config=Config(ignored=frozenset({"DL3059", "LD1003", "LD1001", "DL3063"})),
    )
    assert (
        fixed.data == b'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b\nRUN c | d\n'
    )


def test_fixes_that_run_in_circles_end() -> None:
    rules = [replacing("L1", "x", "y", reveals=True), replacing("L2", "y", "x", reveals=True)]
    fixed = fix(b"FROM a\nRUN x\n", rules=rules)
    assert len(fixed.applied) == fixing.MAX_ROUNDS


def test_the_number_of_looks_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "MAX_LOOKS", 3)
    rules = [replacing(f"L{n}", f"x{n}", f"x{n}") for n in range(8)]
    assert fix(b"FROM a\nRUN x0 x1 x2 x3 x4 x5 x6 x7\n", rules=rules).applied == ()


def test_what_is_ignored_is_not_fixed() -> None:
    text = b"FROM a:1\n# hadolint ignore=DL4000\nMAINTAINER x\n"
    assert (
        fix(text, unsafe=True, config=Config(ignored=frozenset({"LD1003", "LD1001", "DL3063"}))).data == text
    )


FORMS = [
    pytest.param(b"FROM a:1\nRUN x\nMAINTAINER b\n", id="plain"),
    pytest.param(b"FROM a:1\r\nRUN x\r\nMAINTAINER b\r\n", id="CRLF"),
    pytest.param(b"\xef\xbb\xbfFROM a:1\nRUN x\nMAINTAINER b", id="mark, and no line end at the end"),
    pytest.param(b"# \xff\xfe\nFROM a:1\n\n\nRUN x\n  MAINTAINER b\n\n", id="not UTF-8"),
    pytest.param(b"# escape=`\nFROM a:1\nRUN x `\n  y\nMAINTAINER b\n", id="another escape"),
]


@pytest.mark.parametrize("text", FORMS)
def test_the_rest_of_the_file_stays_as_it_is(text: bytes) -> None:
    ignored = Config(ignored=frozenset({"LD1003", "LD1001", "DL3063"}))
    label = b'LABEL org.opencontainers.image.authors="b"'
    assert fix(text, unsafe=True, config=ignored).data == text.replace(b"MAINTAINER b", label)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_added_lines_end_as_the_others_do(end: bytes) -> None:
    text = end.join([b"FROM alpine:3.20", b"RUN a | b", b""])
    ignored = Config(ignored=frozenset({"LD1003", "LD1001", "DL3063"}))
    added = b'SHELL ["/bin/ash", "-o", "pipefail", "-c"]'
    assert fix(text, unsafe=True, config=ignored).data == end.join(
        [b"FROM alpine:3.20", added, b"RUN a | b", b""]
    )


# What the fixes of single rules write.
WRITTEN = [
    ("DL3000", "FROM a\nWORKDIR ./b/\n", "FROM a\nWORKDIR /b\n"),
    ("DL3000", "FROM a\nWORKDIR /b\nWORKDIR .\n", "FROM a\nWORKDIR /b\nWORKDIR /b\n"),
    ("DL3002", "FROM a\nUSER root\nCOPY b c\nCMD d\n", "FROM a\nUSER 65532:65532\nCOPY b c\nCMD d\n"),
    ("DL3002", "FROM a\nUSER root\nRUN b\nCMD c", "FROM a\nUSER root\nRUN b\nCMD c\nUSER 65532:65532"),
    ("DL3002", "FROM a\nUSER app\nRUN b\nUSER root\n", None),
    ("DL3002", "FROM a AS b\nUSER root\nFROM b\n", None),
    ("DL3003", "FROM a\nWORKDIR /b\nRUN cd c && d\n", "FROM a\nWORKDIR /b\nWORKDIR /b/c\nRUN d\nWORKDIR /b\n"),
    ("DL3003", "FROM a\nRUN --mount=type=bind,target=/m cd /c; d\n", "FROM a\nWORKDIR /c\nRUN --mount=type=bind,target=/m d\nWORKDIR /\n"),
    ("DL3003", "FROM a\nRUN cd /c && \\\n  # why\n  d\n", "FROM a\nWORKDIR /c\nRUN \\\n  # why\n  d\nWORKDIR /\n"),
    ("DL3003", "FROM a\nRUN cd /c && \\\n  d\n", "FROM a\nWORKDIR /c\nRUN d\nWORKDIR /\n"),
    ("DL3003", "FROM a\nRUN cd /c && (d; e) && cd ..\n", "FROM a\nWORKDIR /c\nRUN (d; e)\nWORKDIR /\n"),
    ("DL3003", "FROM a\nRUN cd c && d\n", None),
    ("DL3003", "FROM a\nRUN cd /c || d\n", None),
    ("DL3003", "FROM a\nRUN cd /c | d\n", None),
    ("DL3003", "FROM a\nRUN cd /c && d && cd e && f\n", None),
    ("DL3003", "FROM a\nRUN b && cd /c && d\n", None),
    ("DL3003", "FROM a\nRUN (b) && cd /c && d\n", None),
    ("DL3003", "FROM a\nRUN cd ~ && d\n", None),
    ("DL3003", "FROM a\nRUN ! cd /c && d\n", None),
    ("DL3003", "FROM a\nRUN cd $C && d\n", None),
    ("DL3003", "FROM a\nRUN mkdir -p c && cd /c && d\n", None),
    ("DL3004", "FROM a\nRUN sudo -E b && sudo \\\n  c\n", "FROM a\nRUN b && c\n"),
    ("DL3004", "FROM a\nRUN sudo A=b c\n", "FROM a\nRUN A=b c\n"),
    ("DL3004", "FROM a\nRUN sudo -u b c; sudo -i\n", None),
    ("DL3020", "FROM a\nADD --chown=b c d e/\n", "FROM a\nCOPY --chown=b c d e/\n"),
    ("DL3020", "FROM a\nADD --keep-git-dir b c\n", None),
    ("DL3020", "FROM a\nADD b.tar.zst c\n", None),
    ("DL3021", "FROM a\nCOPY b c d\n", "FROM a\nCOPY b c d/\n"),
    ("DL3021", "FROM a\nCOPY b /c || true\n", None),
    ("DL3021", "FROM a\nCOPY b /c 2>/dev/null\n", None),
    ("DL3021", "FROM a\nCOPY b /c # why\n", None),
    ("DL3025", "FROM a\nCMD b 'c d' \"e\\\"f\" \\\n  g\n", 'FROM a\nCMD ["b", "c d", "e\\"f", "g"]\n'),
    ("DL3025", "FROM a\nCMD b *.txt\n", 'FROM a\nCMD ["/bin/sh", "-c", "exec b *.txt"]\n'),
    ("DL3025", "FROM a\nCMD b && A=$(c) && d $A\n", 'FROM a\nCMD ["/bin/sh", "-c", "b && A=$(c) && exec d $A"]\n'),
    ("DL3025", "FROM a\nCMD echo ünï\n", 'FROM a\nCMD ["echo", "ünï"]\n'),
    ("DL3025", "FROM a\nCMD cd /b\n", None),
    ("DL3025", "FROM a\nCMD A=b c\n", None),
    ("DL3025", "FROM a\nCMD b &\n", None),
    ("DL3025", "FROM a\nCMD if b; then c; fi\n", None),
    ("DL3025", "FROM a\nCMD b '\n", None),
    ("DL3025", "FROM a\nHEALTHCHECK --retries=3 CMD b | c\n", 'FROM a\nHEALTHCHECK --retries=3 CMD ["/bin/sh", "-c", "b | c"]\n'),
    ("DL3025", "FROM a\nCMD b \\\n  # why\n  c\n", None),
    ("DL3059", "FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b \\\n    && c\n"),
    ("DL3059", "FROM a\nRUN exec b\nRUN c\n", None),
    ("DL3059", "FROM a\nRUN ln -sf bash /bin/sh\nRUN c\n", None),
    ("DL4000", "FROM a\nMAINTAINER b \\\n  c\n", 'FROM a\nLABEL org.opencontainers.image.authors="b   c"\n'),
    ("DL4006", "from a\n# b\nrun c | d\n", 'from a\nshell ["/bin/bash", "-o", "pipefail", "-c"]\n# b\nrun c | d\n'),
    ("DL4006", "FROM x/alpine:3@sha256:0\nRUN c | d\n", 'FROM x/alpine:3@sha256:0\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\nRUN c | d\n'),
    ("DL4006", "FROM $A\nRUN c | d\n", None),
    ("DL4006", 'FROM a\nSHELL ["/bin/bash", "-ec"]\nRUN c | d\n', 'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-ec"]\nRUN c | d\n'),
    ("DL4006", 'FROM a AS b\nSHELL ["/bin/bash", "-c"]\nFROM b\nRUN c | d\n', 'FROM a AS b\nSHELL ["/bin/bash", "-c"]\nFROM b\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN c | d\n'),
    ("DL4006", 'FROM a\nSHELL ["/bin/dash", "-c"]\nRUN c | d\n', None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text", "after"), WRITTEN, ids=[f"{code}-{number}" for number, (code, *_) in enumerate(WRITTEN)]
)
def test_what_a_fix_writes(code: str, text: str, after: str | None) -> None:
    from lading import lint

    fixed = fix(text.encode(), unsafe=True, rules=[lint.load(code)])
    assert fixed.data.decode() == (text if after is None else after)
    assert bool(fixed.applied) == (after is not None)
    assert fixed.faults == ()


SAFE = [
    ("DL3000", "FROM a\nWORKDIR /b\nWORKDIR c\n", True),
    ("DL3000", "FROM a\nWORKDIR c\n", False),
    ("DL3003", "FROM a\nWORKDIR /b\nRUN cd /c && d\n", True),
    ("DL3003", "FROM a\nRUN cd /c && d\n", False),
    ("DL3020", "FROM a\nADD b c\n", True),
    ("DL3020", "FROM a\nADD b* c\n", False),
    ("DL3025", "FROM a\nCMD b\n", True),
    ("DL3025", 'FROM a\nENTRYPOINT ["c"]\nCMD b\n', False),
    ("DL3025", 'FROM a AS d\nENTRYPOINT ["c"]\nFROM d\nCMD b\n', False),
    ("DL3025", "FROM a\nCMD ['b']\n", False),
    ("DL3047", "FROM debian\nRUN wget b\n", True),
    ("DL3047", "FROM debian\nRUN busybox wget b\n", False),
    ("DL4000", "FROM a\nMAINTAINER b\n", True),
]


@pytest.mark.parametrize(
    ("code", "text", "safe"), SAFE, ids=[f"{code}-{number}" for number, (code, *_) in enumerate(SAFE)]
)
def test_which_fixes_are_safe(code: str, text: str, safe: bool) -> None:  # noqa: FBT001 - of a table
    from lading import lint

    assert bool(fix(text.encode(), rules=[lint.load(code)]).applied) == safe


def test_bases_are_pinned_by_the_index() -> None:
    from lading import lint

    class Index:
        def versions(self, wanted: object) -> dict[str, str]:
            if getattr(wanted, "index", "") != "image":
                return {}
            return dict.fromkeys(getattr(wanted, "names", ()), "sha256:" + "0" * 64)

    text = b"FROM debian AS b\nFROM x.io:5000/y\nFROM b\n"
    fixed = fix(text, index=Index(), rules=[lint.load("DL3006")])
    pin = b"@sha256:" + b"0" * 64
    assert fixed.data == b"FROM debian:latest" + pin + b" AS b\nFROM x.io:5000/y:latest" + pin + b"\nFROM b\n"
    offline = fix(text, rules=[lint.load("DL3006")])
    assert [(one.fixable, one.fix) for one in offline.left] == [(True, None), (True, None)]


def test_writing_keeps_mode_and_links(tmp_path: Path) -> None:
    file, link = tmp_path / "Dockerfile", tmp_path / "link"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    fixing.write(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o7777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"Dockerfile", "link"}


def test_a_file_is_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        fixing.write(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fixing.write(tmp_path / "Dockerfile", b"new")
