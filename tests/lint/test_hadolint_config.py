"""hadolint's file and variables; what they do to findings is compared with hadolint in test_against_hadolint.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError, UnavailableError, UsageError
from lading.lint import hadolint_config
from lading.lint.hadolint_config import Config, parse

WHOLE = b"""
ignored: [DL3000, SC1010]
override:
  error: [DL3001]
  warning:
    - DL3042
  info: [DL3032, DL3001]
  style: [DL3015]
trustedRegistries:
  - docker.io
  - "*.example.com"
label-schema:
  author: text
  contact: email
strict-labels: true
disable-ignore-pragma: true
failure-threshold: error
no-fail: true
format: json
no-color: true
"""

FILES = [
    pytest.param(b"", Config(), id="empty"),
    pytest.param(b"# nothing\n", Config(), id="comment"),
    pytest.param(b"ignored: ~\noverride:\n", Config(), id="nulls"),
    pytest.param(
        b"\xef\xbb\xbfignored: [DL1]\r\n", Config(ignored=frozenset({"DL1"})), id="mark and line ends"
    ),
    pytest.param(
        WHOLE,
        Config(
            ignored=frozenset({"DL3000", "SC1010"}),
            levels={"DL3001": "error", "DL3042": "warning", "DL3032": "info", "DL3015": "style"},
            trusted_registries=("docker.io", "*.example.com"),
            labels={"author": "text", "contact": "email"},
            strict_labels=True,
            pragmas=False,
            failure_threshold="error",
            no_fail=True,
        ),
        id="everything",
    ),
]


@pytest.mark.parametrize(("data", "config"), FILES)
def test_a_file_is_read(data: bytes, config: Config) -> None:
    assert parse(data) == config


WRONG = [
    pytest.param(b"ignored: DL3000", "ignored: expected `array \\| null`, got `str`", id="text for a list"),
    pytest.param(b"ignored: [1]", r"ignored\[0\]: expected `str`, got `int`", id="number in a list"),
    pytest.param(b"- a", "expected `object`, got `array`", id="list"),
    pytest.param(b"label-schema: {a: foo}", "label-schema.*: invalid enum value 'foo'", id="type of label"),
    pytest.param(b"failure-threshold: Warning", "failure-threshold: invalid enum value", id="threshold"),
    pytest.param(b"no-fail: 1", "no-fail: expected `bool", id="number for a switch"),
    pytest.param(b"x: [", "not YAML: ", id="not YAML"),
    pytest.param(b"a: \xff", "not YAML: ", id="bytes"),
    pytest.param(b"a: 2024-99-99", "not YAML: ", id="impossible date"),
    pytest.param(b"!!python/object:os.system {}", "not YAML: ", id="objects"),
]


@pytest.mark.parametrize(("data", "message"), WRONG)
def test_a_wrong_file_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        parse(data, "here")


@pytest.mark.parametrize(
    "data",
    [b"a: &a [x]\nb: *a", b"[" * 100_000, b"#" * (hadolint_config.MAX_BYTES + 1)],
    ids=["aliases", "depth", "size"],
)
def test_a_file_beyond_reason_is_refused(data: bytes) -> None:
    with pytest.raises((LimitError, MalformedError), match=r"aliases|too deep|larger|not YAML"):
        parse(data, "here")


def test_errors_name_the_line() -> None:
    with pytest.raises(MalformedError, match=r"^here:2: not YAML") as caught:
        parse(b"a: b\n\tc: d\n", "here")
    assert caught.value.where == "here:2"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text("abc:-[]{},&*!|>'\"\n #~0123\t", max_size=60).map(str.encode))
def test_any_bytes_give_a_configuration_or_an_error(data: bytes) -> None:
    try:
        parse(data)
    except LadingError:
        return


def test_where_the_file_is_looked_for(tmp_path: Path) -> None:
    cwd, home, xdg = tmp_path / "work", tmp_path / "home", tmp_path / "xdg"
    places = [
        home / ".hadolint.yaml",
        home / "hadolint" / "config.yaml",
        home / ".hadolint" / "hadolint.yaml",
        xdg / "hadolint.yaml",
        cwd / ".hadolint.yml",
        cwd / ".hadolint.yaml",
    ]
    environ = {"XDG_CONFIG_HOME": str(xdg)}
    assert hadolint_config.find(cwd, home, environ) is None
    for place in places:  # each one comes before those that were there
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        assert hadolint_config.find(cwd, home, environ) == place
    assert hadolint_config.find(home, cwd, {}) == home / ".hadolint.yaml"
    (home / ".config").mkdir()
    (home / ".config" / "hadolint.yaml").touch()
    assert hadolint_config.find(tmp_path, home, {}) == home / ".config" / "hadolint.yaml"


def test_loading(tmp_path: Path) -> None:
    file = tmp_path / ".hadolint.yaml"
    with pytest.raises(UnavailableError, match="cannot be read: No such file"):
        hadolint_config.load(file)
    file.write_bytes(WHOLE)
    assert hadolint_config.load(file) == parse(WHOLE)


TABLES = [
    pytest.param({}, Config(ignored=frozenset({"A"}), levels={"B": "info"}), id="nothing"),
    pytest.param(
        {"ignore": ["C"], "levels": {"D": "error"}},
        Config(ignored=frozenset({"A", "C"}), levels={"B": "info", "D": "error"}),
        id="adds up",
    ),
    pytest.param(
        {"trusted-registries": ["x"], "labels": {"a": "url"}, "strict-labels": True, "pragmas": False, "fail-on": "none"},
        Config(
            ignored=frozenset({"A"}),
            levels={"B": "info"},
            trusted_registries=("x",),
            labels={"a": "url"},
            strict_labels=True,
            pragmas=False,
            failure_threshold="none",
        ),
        id="replaces",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("table", "config"), TABLES)
def test_a_table_of_our_own(table: dict[str, object], config: Config) -> None:
    below = Config(ignored=frozenset({"A"}), levels={"B": "info"})
    assert hadolint_config.from_table(table, below) == config


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"ignored": []}, "unknown field `ignored`"),
        ({"levels": {"A": "bad"}}, "levels.*: invalid enum value 'bad'"),
        ({"fail_on": "info"}, "unknown field `fail_on`"),
    ],
)
def test_a_wrong_table_is_an_error(table: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        hadolint_config.from_table(table, Config(), "lading.toml")


def test_variables() -> None:
    environ = {
        "HADOLINT_IGNORE": "A,B",
        "HADOLINT_OVERRIDE_ERROR": "C",
        "HADOLINT_OVERRIDE_STYLE": "C,D",
        "HADOLINT_TRUSTED_REGISTRIES": "x.io,y.io",
        "HADOLINT_REQUIRE_LABELS": "a:text,b:email",
        "HADOLINT_FAILURE_THRESHOLD": "Error",
        "HADOLINT_NOFAIL": "y",
        "HADOLINT_STRICT_LABELS": "1",
        "HADOLINT_DISABLE_IGNORE_PRAGMA": "true",
    }
    assert hadolint_config.from_environment(environ, Config(ignored=frozenset({"Z"}))) == Config(
        ignored=frozenset({"A", "B", "Z"}),
        levels={"C": "error", "D": "style"},
        trusted_registries=("x.io", "y.io"),
        labels={"a": "text", "b": "email"},
        strict_labels=True,
        pragmas=False,
        failure_threshold="error",
        no_fail=True,
    )


def test_no_variables_change_nothing() -> None:
    below = Config(labels={"a": "url"}, no_fail=True, trusted_registries=("x",))
    assert hadolint_config.from_environment({"HADOLINT_NOFAIL": "no", "HADOLINT_IGNORE": ""}, below) == below


@pytest.mark.parametrize(
    "environ", [{"HADOLINT_FAILURE_THRESHOLD": "bogus"}, {"HADOLINT_REQUIRE_LABELS": "a:foo"}]
)
def test_wrong_variables_are_an_error(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"^HADOLINT_.*: invalid enum value"):
        hadolint_config.from_environment(environ, Config())
