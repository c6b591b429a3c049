from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import needs
from lading import settings
from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError, UsageError
from lading.model.severity import Severity
from lading.record import replace
from lading.settings import Settings

WHOLE = """\
cache-dir = "cache"
data-dir = "~/data"
osv-url = "https://mirror.example/osv/"
kev-url = "http://mirror.example/kev"
epss-url = "file:///srv/epss"
offline = true
max-age = "12h"
insecure-registries = ["localhost:5000"]
platform = "linux/arm/v7"
fail-on = "High"
exceptions = ["a.yaml", "/b.yaml"]
vex = ["c.json"]
ca-bundle = "ca.pem"
jobs = 3
shellcheck = "sc"

[registry-mirrors]
"docker.io" = ["https://one.example/", "https://two.example"]

[indexes]
pypi = "https://packages.example/simple/"
debian-security = "http://packages.example/security"
"""


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture(name="repo")
def _repo(tmp_path: Path) -> Path:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "a" / "b").mkdir(parents=True)
    return tmp_path / "repo"


def _load(cwd: Path, home: Path, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    return settings.load(environ or {}, cwd, home, flags)


def test_defaults(repo: Path, home: Path) -> None:
    assert _load(repo, home) == Settings(
        cache_dir=home / ".cache/lading",
        data_dir=home / ".local/share/lading",
        file=None,
        osv_url=None,
        kev_url=None,
        epss_url=None,
        offline=False,
        max_age_s=86_400,
        insecure_registries=(),
        registry_mirrors={},
        platform="",
        fail_on=None,
        exceptions=(),
        vex=(),
        ca_bundle=None,
        jobs=0,
        shellcheck=None,
    )


def _whole(file: Path, home: Path) -> Settings:
    return Settings(
        file=file,
        cache_dir=file.parent / "cache",
        data_dir=home / "data",
        osv_url="https://mirror.example/osv",
        kev_url="http://mirror.example/kev",
        epss_url="file:///srv/epss",
        offline=True,
        max_age_s=43_200,
        insecure_registries=("localhost:5000",),
        registry_mirrors={"docker.io": ("https://one.example", "https://two.example")},
        indexes={
            "pypi": "https://packages.example/simple",
            "debian-security": "http://packages.example/security",
        },
        platform="linux/arm/v7",
        fail_on=Severity.HIGH,
        exceptions=(file.parent / "a.yaml", Path("/b.yaml")),
        vex=(file.parent / "c.json",),
        ca_bundle=file.parent / "ca.pem",
        jobs=3,
        shellcheck=file.parent / "sc",
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_whole_file_found_above(repo: Path, home: Path, newline: str) -> None:
    file = repo / "lading.toml"
    file.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", newline).encode())
    assert _load(repo / "a" / "b", home) == _whole(file, home)


def test_whole_table_of_pyproject(repo: Path, home: Path) -> None:
    file = repo / "pyproject.toml"
    text = WHOLE.replace("\n[", "\n[tool.lading.")
    file.write_text('[project]\nname = "x"\n\n[tool.lading]\n' + text)
    assert _load(repo / "a", home) == _whole(file, home)


def test_whole_environment(repo: Path, home: Path) -> None:
    environ = {
        "LADING_CACHE_DIR": "cache",
        "LADING_DATA_DIR": "~/data",
        "LADING_OSV_URL": "https://mirror.example/osv/",
        "LADING_KEV_URL": "http://mirror.example/kev",
        "LADING_EPSS_URL": "file:///srv/epss",
        "LADING_OFFLINE": "yes",
        "LADING_MAX_AGE": "12h",
        "LADING_INSECURE_REGISTRIES": "localhost:5000",
        "LADING_REGISTRY_MIRRORS": "docker.io=https://one.example/, docker.io=https://two.example",
        "LADING_INDEXES": "pypi=https://packages.example/simple/, debian-security=http://packages.example/security",
        "LADING_PLATFORM": "linux/arm/v7",
        "LADING_FAIL_ON": "high",
        "LADING_EXCEPTIONS": "a.yaml,/b.yaml",
        "LADING_VEX": "c.json",
        "LADING_CA_BUNDLE": "ca.pem",
        "LADING_JOBS": "3",
        "LADING_SHELLCHECK": "sc",
        "LADING_TEST_MIRROR": "not ours",
        "LADING_": "x",
        "HOME": "/nowhere",
    }
    expected = _whole(repo / "lading.toml", home)
    assert _load(repo, home, environ) == replace(expected, file=None)


def test_flags_over_environment_over_file(repo: Path, home: Path) -> None:
    (repo / "lading.toml").write_text(
        'jobs = 1\nplatform = "linux/s390x"\nosv-url = "https://file.example"\n'
    )
    environ = {"LADING_JOBS": "2", "LADING_PLATFORM": "linux/arm64", "LADING_OFFLINE": ""}
    made = _load(repo, home, environ, jobs=3, platform=None, offline=None, cache_dir=Path("x"))
    assert (made.jobs, made.platform, made.osv_url, made.offline, made.cache_dir) == (
        3,
        "linux/arm64",
        "https://file.example",
        False,
        repo / "x",
    )


def test_flags_as_fields_or_as_text(repo: Path, home: Path) -> None:
    typed = _load(
        repo,
        home,
        fail_on=Severity.LOW,
        vex=[Path("v.json")],
        insecure_registries=["h"],
        max_age_s=5,
        ca_bundle=Path("~/ca"),
    )
    assert (typed.fail_on, typed.vex, typed.insecure_registries, typed.max_age_s, typed.ca_bundle) == (
        Severity.LOW,
        (repo / "v.json",),
        ("h",),
        5,
        home / "ca",
    )
    text = _load(repo, home, fail_on="never", max_age="2d", jobs="7")
    assert (text.fail_on, text.max_age_s, text.jobs) == (None, 172_800, 7)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("Off", False), (" no ", False), ("/bin/sc", Path("/bin/sc")), ("~/sc", Path("H/sc"))],
)
def test_a_switch_that_may_be_a_path(repo: Path, home: Path, text: str, value: bool | Path) -> None:  # noqa: FBT001
    made = _load(repo, home, {"LADING_SHELLCHECK": text})
    assert made.shellcheck == (value if value != Path("H/sc") else home / "sc")
    (repo / "lading.toml").write_text("shellcheck = true\n")
    assert _load(repo, home).shellcheck is True
    assert _load(repo, home, shellcheck=False).shellcheck is False


@pytest.mark.parametrize(
    ("environ", "cache", "data"),
    [
        ({"XDG_CACHE_HOME": "/c", "XDG_DATA_HOME": "/d"}, "/c/lading", "/d/lading"),
        ({"XDG_CACHE_HOME": "c", "XDG_DATA_HOME": ""}, "H/.cache/lading", "H/.local/share/lading"),
        ({"XDG_CACHE_HOME": "/c", "LADING_CACHE_DIR": "/own"}, "/own", "H/.local/share/lading"),
    ],
    ids=["xdg", "xdg-relative-or-empty", "own-over-xdg"],
)
def test_places(repo: Path, home: Path, environ: dict[str, str], cache: str, data: str) -> None:
    made = _load(repo, home, environ)
    places = (str(made.cache_dir), str(made.data_dir))
    assert places == (cache.replace("H", str(home)), data.replace("H", str(home)))


def test_search_stops_at_the_repository(repo: Path, home: Path) -> None:
    (repo.parent / "lading.toml").write_text("jobs = 1\n")
    assert _load(repo / "a", home).file is None


def test_search_outside_a_repository_is_of_the_working_directory(tmp_path: Path, home: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "lading.toml").write_text("jobs = 1\n")
    assert _load(tmp_path / "x", home).file is None
    assert _load(tmp_path, home).jobs == 1


def test_nearest_file_wins_and_its_own_name_before_pyproject(repo: Path, home: Path) -> None:
    (repo / "lading.toml").write_text("jobs = 1\n")
    (repo / "a" / "pyproject.toml").write_text("[tool.lading]\njobs = 2\n")
    (repo / "a" / "b" / "pyproject.toml").write_text("[tool.other]\njobs = 3\n")
    assert _load(repo / "a" / "b", home).jobs == 2
    (repo / "a" / "lading.toml").write_text("jobs = 4\n")
    assert _load(repo / "a" / "b", home).jobs == 4
    assert _load(repo, home).jobs == 1


def test_file_by_name(repo: Path, home: Path) -> None:
    (repo / "lading.toml").write_text("jobs = 1\n")
    (repo / "a" / "other.toml").write_text("jobs = 2\n")
    assert _load(repo, home, {"LADING_CONFIG": "a/other.toml"}).jobs == 2
    assert settings.load({"LADING_CONFIG": "gone"}, repo, home, file=Path("a/other.toml")).jobs == 2
    with pytest.raises(UnavailableError, match=r"gone: cannot be read: No such file"):
        _load(repo, home, {"LADING_CONFIG": "gone"})


def test_exception_files_are_found_nearest_first(repo: Path, home: Path) -> None:
    for name in (
        ".lading.yaml",
        "a/.trivyignore",
        "a/.trivyignore.yaml",
        "a/b/.lading.yaml",
        "../.lading.yaml",
    ):
        (repo / name).write_text("")
    assert _load(repo / "a" / "b", home).exceptions == (
        repo / "a/b/.lading.yaml",
        repo / "a/.trivyignore",
        repo / "a/.trivyignore.yaml",
        repo / ".lading.yaml",
    )
    (repo / "lading.toml").write_text("exceptions = []\n")
    assert _load(repo / "a" / "b", home).exceptions == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("jobs = '3'", "jobs must be a whole number from 0 to 65535, not '3'", id="text-count"),
        pytest.param("jobs = true", "jobs must be a whole number from 0 to 65535, not True", id="bool-count"),
        pytest.param("jobs = -1", "jobs must be a whole number from 0 to 65535, not -1", id="negative"),
        pytest.param("offline = 1", "offline must be true or false, not 1", id="number-bool"),
        pytest.param("cache-dir = 1", "cache-dir must be text, not 1", id="number-path"),
        pytest.param("cache-dir = ' '", "cache-dir must be text, not ' '", id="empty-path"),
        pytest.param("vex = 'a.json'", "vex must be a list of texts, not 'a.json'", id="text-list"),
        pytest.param("vex = [1]", "vex must be text, not 1", id="list-of-numbers"),
        pytest.param("osv-url = 'mirror'", "osv-url must begin with https://, http:// or file://", id="url"),
        pytest.param("max-age = '1y'", "max-age must be seconds, or a text such as 90m", id="unit"),
        pytest.param("max-age = 'd'", "max-age must be seconds, or a text such as 90m", id="no-number"),
        pytest.param("max-age = '1dd'", "max-age must be seconds, or a text such as 90m", id="two-units"),
        pytest.param("max-age = -1", "max-age must be seconds, or a text such as 90m", id="negative-age"),
        pytest.param(
            "fail-on = 'bad'", "fail-on must be unknown, negligible, low, medium, high", id="severity"
        ),
        pytest.param("platform = 'linux'", "platform must have the form os/architecture", id="platform"),
        pytest.param(
            "insecure-registries = ['https://h']", "insecure-registries must be names of hosts", id="host"
        ),
        pytest.param("registry-mirrors = []", "registry-mirrors must be a table from host", id="no-table"),
        pytest.param(
            "registry-mirrors = {h = 'x'}", "registry-mirrors must be a list of texts", id="no-list"
        ),
        pytest.param(
            "registry-mirrors = {h = ['file:///x']}",
            "registry-mirrors for h must begin with https:// or http://",
            id="mirror-url",
        ),
        pytest.param("indexes = []", "indexes must be a table from index to URL, not []", id="no-indexes"),
        pytest.param(
            "indexes = {alpin = 'https://x'}",
            "indexes knows no index 'alpin': did you mean alpine?",
            id="index",
        ),
        pytest.param(
            "indexes = {q = 'https://x'}", "indexes knows no index 'q': one of debian, ", id="no-such-index"
        ),
        pytest.param(
            "indexes = {npm = ['https://x']}", "indexes must be text, not ['https://x']", id="index-list"
        ),
        pytest.param(
            "indexes = {npm = 'file:///x'}",
            "indexes for npm must begin with https:// or http://, not 'file:///x'",
            id="index-file",
        ),
    ],
)
def test_wrong_value_in_a_file(repo: Path, home: Path, line: str, message: str) -> None:
    (repo / "lading.toml").write_text(f"# c\n{line}\n")
    with pytest.raises(MalformedError, match=re.escape(f"lading.toml:2: {message}")):
        _load(repo, home)


@pytest.mark.parametrize(
    ("name", "text", "line", "key", "hint"),
    [
        ("lading.toml", "\nosv_url = 'x'\n", 2, "osv_url", "did you mean osv-url?"),
        ("lading.toml", "ofline = true\n", 1, "ofline", "did you mean offline?"),
        ("lading.toml", "jobs = 1\n[colour]\nred = 1\n", 2, "colour", ""),
        ("lading.toml", "a.b = 1\n", 1, "a", ""),
        ("pyproject.toml", "[x]\njob = 1\n[tool.lading]\njob = 1\n", 4, "job", "did you mean jobs?"),
        (
            "pyproject.toml",
            "[tool.lading]\njobs=1\n[tool.lading.osv]\nx = 1\n",
            3,
            "osv",
            "did you mean osv-url?",
        ),
        ("pyproject.toml", "[tool]\nlading.job = 1\n", 0, "job", "did you mean jobs?"),
    ],
)
def test_unknown_key(repo: Path, home: Path, name: str, text: str, line: int, key: str, hint: str) -> None:
    (repo / name).write_text(text)
    with pytest.raises(MalformedError, match=f"unknown key '{key}'") as caught:
        _load(repo, home)
    assert caught.value.where == f"{repo / name}" + (f":{line}" if line else "")
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("LADING_JOBS", "many", "LADING_JOBS must be a whole number"),
        ("LADING_OFFLINE", "maybe", "LADING_OFFLINE must be 1 or 0, true or false, not 'maybe'"),
        ("LADING_REGISTRY_MIRRORS", "x", "LADING_REGISTRY_MIRRORS must be host=URL"),
        ("LADING_INDEXES", "https://x", "LADING_INDEXES must be index=URL"),
        ("LADING_INDEXES", "gems=https://x", "LADING_INDEXES knows no index 'gems': did you mean gem?"),
        ("LADING_FAIL_ON", "worst", "LADING_FAIL_ON must be unknown, negligible"),
        ("LADING_OFLINE", "1", "unknown variable LADING_OFLINE"),
    ],
)
def test_wrong_variable(repo: Path, home: Path, variable: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        _load(repo, home, {variable: text})


def test_wrong_flag(repo: Path, home: Path) -> None:
    with pytest.raises(UsageError, match=r"^--max-age must be seconds"):
        _load(repo, home, max_age="long")
    with pytest.raises(TypeError, match="colour"):
        _load(repo, home, colour=True)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"a = \n", MalformedError, r"not TOML: .*line 1"),
        (b"\xff = 1", MalformedError, "not UTF-8"),
        (b"#" * (2**20 + 1), LimitError, "larger than 1048576 bytes"),
        (b"a = " + b"[" * 100_000, LadingError, "nested too deep|not TOML"),
    ],
    ids=["syntax", "encoding", "size", "depth"],
)
def test_broken_file(repo: Path, home: Path, data: bytes, error: type[LadingError], message: str) -> None:
    (repo / "lading.toml").write_bytes(data)
    with pytest.raises(error, match=message):
        _load(repo, home)


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool]\nlading = 1\n"])
def test_pyproject_of_another_shape(repo: Path, home: Path, text: str) -> None:
    (repo / "pyproject.toml").write_text(text)
    if "lading" in text:
        with pytest.raises(MalformedError, match=r"tool\.lading must be a table"):
            _load(repo, home)
    else:
        assert _load(repo, home).file is None


def test_no_permission(repo: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "lading.toml").write_text("")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DeniedError, match="no permission to read it"):
        _load(repo, home)


_TOML = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(settings._KINDS)), _TOML)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_is_read_or_refused(tmp_path: Path, key: str, value: Any) -> None:  # noqa: ANN401 - any TOML
    with contextlib.suppress(UsageError):
        settings._KINDS[key].read(value, settings._Base(tmp_path, tmp_path))


@given(st.sampled_from(sorted(settings._KINDS)), st.text(max_size=12))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_variable_is_read_or_refused(tmp_path: Path, key: str, text: str) -> None:
    with contextlib.suppress(UsageError):
        _load(tmp_path, tmp_path, {"LADING_" + key.upper(): text})


def test_documentation_names_every_key_and_its_example_is_read(repo: Path, home: Path) -> None:
    page = Path(needs.ROOT, "docs", "settings.md").read_text("utf-8")
    keys = {name.replace("_", "-") for name in settings._KINDS}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page.partition("\n## ")[0], re.MULTILINE)) == keys
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (repo / "lading.toml").write_text(example)
    assert _load(repo, home).jobs == 4
    assert {line.split(" = ")[0] for line in example.splitlines() if " = " in line} >= keys - {
        "registry-mirrors",
        "indexes",
    }


def test_light_to_import() -> None:
    code = (
        "import sys, lading.settings\n"
        "heavy = {'urllib3', 'ssl', 'sqlite3', 'rich', 'yaml', 'asyncio', 'tomllib', 'difflib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
