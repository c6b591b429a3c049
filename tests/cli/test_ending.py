from __future__ import annotations

import pytest

from lading.cli.ending import ending
from lading.errors import MalformedError, UsageError


def raises(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UsageError("no such thing", hint="try another"), 2, "lading: no such thing\n  try another\n"),
        (MalformedError("is no tar", "x"), 3, "lading: x: is no tar\n"),
        (KeyboardInterrupt(), 130, "lading: interrupted\n"),
        (FileNotFoundError(2, "No such file", "x"), 3, "lading: [Errno 2] No such file: 'x'\n"),
    ],
    ids=["usage", "malformed", "interrupt", "system"],
)
def test_errors(
    error: BaseException,
    status: int,
    said: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lading.cli.ending._drop_output", lambda: None)
    assert ending(lambda: raises(error), debug=False) == status
    assert capfd.readouterr().err == said


def test_a_status_and_a_fault() -> None:
    assert ending(lambda: 7, debug=False) == 7
    with pytest.raises(ZeroDivisionError):
        ending(lambda: raises(ZeroDivisionError()), debug=False)


def test_where_it_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(lambda: raises(MalformedError("x")), debug=True) == 3
    assert "in raises" in capsys.readouterr().err
