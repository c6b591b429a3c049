"""ShellCheck, the real one, and programs in its place that break in every way there is."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import pytest

import needs
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.shellcheck import program
from lading.shellcheck.program import Program

GOOD = "#!/bin/sh\necho hi\n"
BAD = "#!/bin/sh\necho $foo\n"
ENOUGH_S = 100.0
SHORT_S = 0.5


@pytest.fixture
def real() -> Program:
    return Program(needs.shellcheck(), os.environ)


def fake(folder: Path, text: str) -> Program:
    path = folder / "shellcheck"
    path.write_text(text)
    path.chmod(0o755)
    return Program(str(path), os.environ)


def codes(ran: Program, *scripts: str) -> list[list[int]]:
    return [[one.code for one in comments] for comments in ran.run(scripts, ENOUGH_S)]


def test_each_script_has_its_comments(real: Program) -> None:
    assert codes(real, GOOD, BAD, GOOD) == [[], [2154, 2086], []]


def test_places_are_characters(real: Program) -> None:
    """Tabs are one column wide, and characters count, not bytes or halves of surrogate pairs."""
    ((comment,),) = real.run(["#!/bin/sh\nfoo=$1\n\t\techo \U0001d11eé\t$foo\n"], ENOUGH_S)
    assert (comment.line, comment.column, comment.end_line, comment.end_column) == (3, 11, 3, 15)
    assert comment.fix is not None
    assert [(one.column, one.replacement, one.insertion_point) for one in comment.fix.replacements] == [
        (11, '"', "afterEnd"),
        (15, '"', "beforeStart"),
    ]


@pytest.mark.parametrize(
    "script", ["", "\0", "#!/bin/sh\n\udcff $x\n", "echo '", "\r\n\r\n", "#!/bin/false\n"]
)
def test_no_text_stops_it(real: Program, script: str) -> None:
    assert codes(real, script, BAD)[1] == [2154, 2086]


def test_what_is_sourced_is_left_out(real: Program) -> None:
    """The codes that hadolint excludes, too; which they are is compared in test_against_hadolint.py."""
    assert codes(real, '#!/bin/sh\n. ./other\n. "$x"\n', "#!/bin/ash\n:\n") == [[2154], []]


def test_a_script_sees_no_other_one(real: Program) -> None:
    """Names beside it cannot be guessed, so that no text changes what is said of another one."""
    seen: list[str] = []
    original = tempfile.TemporaryDirectory

    class Watched(original):  # type: ignore[valid-type, misc]
        def __enter__(self) -> str:
            seen.append(super().__enter__())
            return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "TemporaryDirectory", Watched)
        sources = "#!/bin/sh\n# shellcheck source-path=SCRIPTDIR\n. 0\n. ./1\necho $set_there\n"
        assert codes(real, sources, "#!/bin/sh\nset_there=1\n")[0] == [2154, 2086]
    assert [Path(one).exists() for one in seen] == [False]


def test_nothing_of_the_users_changes_it(
    real: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".shellcheckrc").write_text("disable=SC2086,SC2154\n")
    monkeypatch.chdir(tmp_path)
    own = Program(
        real.path, {**os.environ, "HOME": str(tmp_path), "SHELLCHECK_OPTS": "-e SC2086", "LC_ALL": "C"}
    )
    assert codes(own, BAD) == [[2154, 2086]]


def test_messages_have_all_characters(real: Program) -> None:
    ((comment,),) = Program(real.path, {"LC_ALL": "C"}).run(['#!/bin/sh\necho "${é𝄞}"\n'], ENOUGH_S)
    assert "can't start with é" in comment.message


BROKEN = [
    pytest.param("#!/bin/sh\necho Segmentation fault\n", MalformedError, "output cannot be read", id="garbage"),
    pytest.param("#!/bin/sh\n:\n", MalformedError, "output cannot be read", id="nothing"),
    pytest.param("#!/bin/sh\necho 'unrecognized option' --norc >&2; exit 3\n", UnavailableError, r"shellcheck: ends with status 3: unrecognized option", id="old"),
    pytest.param("#!/bin/sh\nexit 2\n", UnavailableError, "ends with status 2: and says nothing", id="silent"),
    pytest.param("#!/bin/sh\nkill -9 $$\n", UnavailableError, "ends with status -9", id="killed"),
    pytest.param("#!/bin/sh\nyes a | head -c 99999 >&2; exit 4\n", UnavailableError, "ends with status 4: a$", id="much-to-say"),
    pytest.param("#!/nowhere/sh\n", UnavailableError, "cannot be run: No such file", id="no-interpreter"),
    pytest.param("\x7fELF", UnavailableError, "cannot be run: Exec format error", id="other-machine"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "message"), BROKEN)
def test_a_broken_program_is_told_of(
    tmp_path: Path, text: str, kind: type[LadingError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        fake(tmp_path, text).run([GOOD], ENOUGH_S)


HANGING = [
    pytest.param("#!/bin/sh\nsleep 1000\n", id="sleeps"),
    pytest.param("#!/bin/sh\ntrap '' TERM INT\nwhile :; do :; done\n", id="works"),
    pytest.param("#!/bin/sh\nsleep 1000 &\nexit 0\n", id="leaves-a-child-with-its-output"),
    pytest.param("#!/bin/sh\nexec >&-\nsleep 1000\n", id="closes-its-output"),
]


@pytest.mark.parametrize("text", HANGING)
def test_a_program_that_hangs_is_ended(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_GRACE_S", 1)
    with pytest.raises(LimitError, match=r"takes too long|does not end"):
        fake(tmp_path, text).run([GOOD], SHORT_S)


def test_the_real_one_is_ended(real: Program) -> None:
    """Each level of nesting takes longer than the one before by a factor: 40 of them take years."""
    with pytest.raises(LimitError, match="takes too long"):
        real.run(["#!/bin/sh\n" + "echo $(" * 40 + ")" * 40], SHORT_S)
    assert codes(real, BAD) == [[2154, 2086]]


def test_endless_output_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MAX_OUTPUT_BYTES", 2**20)
    with pytest.raises(LimitError, match="says more than 1 MiB"):
        fake(tmp_path, "#!/bin/sh\nexec yes\n").run([GOOD], ENOUGH_S)


def test_stopping_ends_what_runs_and_what_would(tmp_path: Path) -> None:
    marker = tmp_path / "begun"
    hanging = fake(tmp_path, f"#!/bin/sh\n: > {marker}\nsleep 1000\n")
    told: list[LadingError] = []

    def run() -> None:
        try:
            hanging.run([GOOD], ENOUGH_S)
        except LadingError as error:
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not marker.exists():
        time.sleep(0.01)
    hanging.stop()
    thread.join(ENOUGH_S)
    assert [type(one) for one in told] == [UnavailableError]
    with pytest.raises(UnavailableError, match="not started any more"):
        hanging.run([GOOD], ENOUGH_S)


def test_no_room_for_files(real: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(UnavailableError, match="cannot be run: No such file or directory"):
        real.run([GOOD], ENOUGH_S)
