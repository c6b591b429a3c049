from __future__ import annotations

import datetime as dt

import pytest

from lading.cli import moment
from lading.errors import UsageError


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.mark.parametrize(
    ("text", "day"),
    [("0", dt.date(1970, 1, 1)), ("1735689599", dt.date(2024, 12, 31)), ("1735689600", dt.date(2025, 1, 1))],
)
def test_today_is_the_epoch_s(text: str, day: dt.date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    assert moment.today() == day


def test_today_is_today() -> None:
    before = dt.datetime.now(dt.UTC).date()
    assert before <= moment.today() <= dt.datetime.now(dt.UTC).date()
    assert moment.epoch() is None


@pytest.mark.parametrize("text", ["now", "1e9", "²", "9" * 30, "-" + "9" * 30])
def test_an_epoch_that_is_no_time(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH is no number of seconds"):
        moment.today()
