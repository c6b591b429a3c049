from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from lading.cli import options
from lading.errors import UsageError
from lading.model.severity import Severity


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SOURCE_DATE_EPOCH", "NO_COLOR", "LADING_OFFLINE", "LADING_JOBS", "LADING_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.chdir(tmp_path)


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_advisories(parser)
    options.add_image(parser)
    options.add_common(parser)
    return parser.parse_args(arguments)


def test_flags_become_settings(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('fail-on = "low"\njobs = 9\n')
    found = options.settings(
        parsed("--offline", "--max-age", "2h", "--osv-url", "https://e.x/", "--platform", "linux/arm64", "--jobs", "3",
               "--config", "other.toml")
    )  # fmt: skip
    assert (found.offline, found.max_age_s, found.osv_url) == (True, 7200, "https://e.x")
    assert (found.platform, found.jobs, found.fail_on) == ("linux/arm64", 3, Severity.LOW)


def test_what_is_not_given_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options.settings(parsed()).offline is False
    monkeypatch.setenv("LADING_OFFLINE", "1")
    monkeypatch.setenv("LADING_JOBS", "4")
    found = options.settings(parsed())
    assert (found.offline, found.jobs) == (True, 4)
    assert options.settings(parsed("--jobs", "2")).jobs == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--jobs", "many"],
        ["--jobs", "-1"],
        ["--max-age", "soon"],
        ["--platform", "arm"],
        ["--osv-url", "ftp://x"],
    ],
)
def test_wrong_values(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match=arguments[0]):
        options.settings(parsed(*arguments))


@pytest.mark.parametrize(
    ("arguments", "environ", "terminal", "colored"),
    [
        pytest.param([], {}, True, True, id="a-terminal"),
        pytest.param([], {}, False, False, id="no-terminal"),
        pytest.param(["--no-color"], {}, True, False, id="flag"),
        pytest.param([], {"NO_COLOR": "1"}, True, False, id="variable"),
        pytest.param([], {"NO_COLOR": ""}, True, True, id="an-empty-variable"),
        pytest.param([], {"TERM": "dumb"}, True, False, id="a-terminal-without-colours"),
    ],
)
def test_color(
    arguments: list[str],
    environ: dict[str, str],
    terminal: bool,  # noqa: FBT001 -- a table's column
    colored: bool,  # noqa: FBT001 -- a table's column
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert options.color(parsed(*arguments), terminal=terminal) is colored
