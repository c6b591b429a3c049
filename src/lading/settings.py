"""Where Lading keeps things, whom it asks, and how strict it is: one frozen value.

Flags come before the environment (`LADING_*`), the environment before the file, the file before the
defaults. The file is `lading.toml`, or the table `[tool.lading]` of a `pyproject.toml`: the first that is
met on the way from the working directory up to the root of its repository. Outside a repository only the
working directory counts, so that nobody else's file above it is obeyed.

A name is the same everywhere: field `osv_url`, key `osv-url`, variable `LADING_OSV_URL`, flag `--osv-url`.
`docs/settings.md` has the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError, UsageError
from lading.model.severity import Severity
from lading.record import Record

MAX_BYTES = 2**20
MAX_DIGITS = 10
DAY_S = 86_400
PREFIX = "LADING_"
CONFIG_VARIABLE = "LADING_CONFIG"
EXCEPTION_FILES = (".lading.yaml", ".trivyignore", ".trivyignore.yaml")

_FILE = "lading.toml"
_PYPROJECT = "pyproject.toml"
_REPOSITORY_MARKS = (".git", ".hg", ".svn", ".jj")
_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": DAY_S, "w": 7 * DAY_S}
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_NEVER = "never"


class Settings(Record, kw_only=True):
    """All settings; every path is absolute.

    file: the one that was read; None if there was none.
    cache_dir: for what can be made again. data_dir: for advisories and images.
    osv_url, kev_url, epss_url: where advisories come from; None for the public places.
    offline: nothing is fetched. max_age_s: how old advisories may be before they are fetched again.
    insecure_registries: hosts, with port, that are spoken to without TLS or with any certificate.
    registry_mirrors: by host, the base URLs that are asked before it, in order.
    indexes: by name (`debian`, `pypi`), the base URL of a mirror of that index of packages.
    platform: `os/architecture[/variant]` to choose from an index; empty for this machine's.
    fail_on: from which severity on findings close the gate; None for never.
    exceptions, vex: files that set findings aside.
    ca_bundle: file of certificates to trust in place of the system's; None for those.
    jobs: how many layers are read at once; 0 for as many as there are processors.
    shellcheck: whether the linter asks ShellCheck, or the path of it; None for if it is installed.
    lint: the table of the linter, which reads it itself.
    """

    file: Path | None = None
    cache_dir: Path
    data_dir: Path
    osv_url: str | None = None
    kev_url: str | None = None
    epss_url: str | None = None
    offline: bool = False
    max_age_s: int = DAY_S
    insecure_registries: tuple[str, ...] = ()
    registry_mirrors: dict[str, tuple[str, ...]] = {}
    indexes: dict[str, str] = {}
    platform: str = ""
    fail_on: Severity | None = None
    exceptions: tuple[Path, ...] = ()
    vex: tuple[Path, ...] = ()
    ca_bundle: Path | None = None
    jobs: int = 0
    shellcheck: bool | Path | None = None
    lint: dict[str, Any] = {}


def load(
    environ: Mapping[str, str],
    cwd: Path,
    home: Path,
    flags: Mapping[str, object] | None = None,
    file: Path | None = None,
) -> Settings:
    """Return the settings.

    environ: the environment; only `LADING_*`, `XDG_CACHE_HOME` and `XDG_DATA_HOME` are looked at.
        An empty variable counts as one that is not set.
    cwd, home: absolute. Paths from flags and environment are relative to `cwd`, those in a file to its
        directory; a leading `~` is `home`.
    flags: by field name, with values as the fields have them; None for those not given.
    file: the configuration file, in place of `LADING_CONFIG` and of the search for one.

    Raises `UsageError` for a wrong flag or variable, `MalformedError` with file, line and key for a file that
    has a wrong key or value, `UnavailableError`, `DeniedError` or `LimitError` for one that cannot be read.
    """
    values: dict[str, Any] = {
        "cache_dir": _xdg(environ, "XDG_CACHE_HOME", home / ".cache"),
        "data_dir": _xdg(environ, "XDG_DATA_HOME", home / ".local" / "share"),
    }
    named = file or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    found = _named(cwd / _home(named, home)) if named else _search(cwd)
    if found is not None:
        values["file"] = found.path
        values.update(_from_table(found, home))
    values.update(_from_environment(environ, cwd, home))
    values.update(_from_flags(flags or {}, cwd, home))
    if "exceptions" not in values:
        values["exceptions"] = _default_exceptions(cwd)
    if "max_age" in values:
        values["max_age_s"] = values.pop("max_age")
    return Settings(**values)


class _Table(Record):
    """The settings of a file. text: the whole file; within: the header that they stand below."""

    path: Path
    values: dict[str, Any]
    text: str
    within: str = ""


def _xdg(environ: Mapping[str, str], variable: str, default: Path) -> Path:
    # The XDG specification says that a relative path is to be ignored.
    base = Path(environ.get(variable) or default)
    return (base if base.is_absolute() else default) / "lading"


def _home(path: Path, home: Path) -> Path:
    return home.joinpath(*path.parts[1:]) if path.parts[:1] == ("~",) else path


def _upwards(cwd: Path) -> list[Path]:
    """Return `cwd` and its parents up to the root of the repository; `cwd` alone outside one."""
    above = [cwd, *cwd.parents]
    for number, directory in enumerate(above):
        if any((directory / mark).exists() for mark in _REPOSITORY_MARKS):
            return above[: number + 1]
    return above[:1]


def _search(cwd: Path) -> _Table | None:
    for directory in _upwards(cwd):
        if (directory / _FILE).is_file():
            return _named(directory / _FILE)
        if (directory / _PYPROJECT).is_file():
            table = _named(directory / _PYPROJECT)
            if table.values:
                return table
    return None


def _default_exceptions(cwd: Path) -> tuple[Path, ...]:
    paths = (directory / name for directory in _upwards(cwd) for name in EXCEPTION_FILES)
    return tuple(path for path in paths if path.is_file())


def _named(path: Path) -> _Table:
    text = _read(path)
    if path.name == _PYPROJECT and "lading" not in text:  # as nearly all are: reading it would be for nothing
        return _Table(path, {}, text, "tool.lading")
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedError(f"not TOML: {error}", str(path)) from error
    except RecursionError as error:
        raise LimitError("nested too deep", str(path)) from error
    if path.name != _PYPROJECT:
        return _Table(path, document, text)
    tool = document.get("tool")
    table = tool.get("lading", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise MalformedError("tool.lading must be a table", str(path))
    return _Table(path, table, text, "tool.lading")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise LimitError(f"larger than {MAX_BYTES} bytes", str(path))
        # TOML knows both line ends; tomllib wants one.
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MalformedError("not UTF-8", str(path)) from error
    except PermissionError as error:
        raise DeniedError("no permission to read it", str(path)) from error
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror}", str(path)) from error


def _from_table(table: _Table, home: Path) -> dict[str, Any]:
    values = {}
    for key, value in table.values.items():
        field = key.replace("-", "_")
        if field not in _KINDS or "_" in key:
            hint = _near(key.replace("_", "-"), [name.replace("_", "-") for name in _KINDS])
            raise MalformedError(f"unknown key {key[:80]!r}", _place(table, key), hint)
        try:
            values[field] = _KINDS[field].read(value, _Base(table.path.parent, home))
        except UsageError as wrong:
            raise MalformedError(f"{key} {wrong.message}", _place(table, key)) from None
    return values


def _place(table: _Table, key: str) -> str:
    """Return file and line of a key; tomllib does not tell, so that the line is looked for."""
    header = ""
    for number, line in enumerate(table.text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("["):
            header = bare.strip("[").partition("]")[0].strip()
            if header == f"{table.within}.{key}".lstrip("."):
                return f"{table.path}:{number}"
        elif header == table.within and bare.partition("=")[0].strip(" \t\"'").partition(".")[0] == key:
            return f"{table.path}:{number}"
    return str(table.path)


def _from_environment(environ: Mapping[str, str], cwd: Path, home: Path) -> dict[str, Any]:
    values = {}
    for variable in sorted(environ):
        if not (variable.startswith(PREFIX) and environ[variable]) or variable == CONFIG_VARIABLE:
            continue
        field = variable.removeprefix(PREFIX).lower()
        if field in _KINDS:
            values[field] = _from_text(field, environ[variable], variable, _Base(cwd, home))
        # Tests and tools have variables with this prefix too: only what looks like a slip is one.
        elif hint := _near(variable, [PREFIX + name.upper() for name in _KINDS], 0.85):
            raise UsageError(f"unknown variable {variable[:80]}", hint=hint)
    return values


def _from_flags(flags: Mapping[str, object], cwd: Path, home: Path) -> dict[str, Any]:
    base = _Base(cwd, home)
    values: dict[str, Any] = {}
    for field, value in flags.items():
        if value is None:
            continue
        if isinstance(value, str):
            values[field] = _from_text(field, value, "--" + field.replace("_", "-"), base)
        elif isinstance(value, Path):
            values[field] = base.path(str(value))
        elif isinstance(value, (list, tuple)):
            values[field] = tuple(base.path(str(one)) if isinstance(one, Path) else one for one in value)
        else:
            values[field] = value
    return values


def _from_text(field: str, text: str, name: str, base: _Base) -> object:
    kind = _KINDS[field]
    try:
        return kind.read(kind.split(text), base)
    except UsageError as wrong:
        raise UsageError(f"{name} {wrong.message}") from None


def _near(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    import difflib

    near = difflib.get_close_matches(word, known, n=1, cutoff=cutoff)
    return f"did you mean {near[0]}?" if near else ""


# Kinds of values: each reads what TOML gives, and raises an error whose message is the end of a
# sentence that begins with the name of the key.


class _Base(Record):
    """What a path may be relative to."""

    directory: Path
    home: Path

    def path(self, text: str) -> Path:
        return self.directory / _home(Path(text), self.home)


class _Kind(Record):
    """read: the field's value from TOML's. split: TOML's value from the text of a variable."""

    read: Callable[[object, _Base], object]
    split: Callable[[str], object] = str


def _text(value: object, _: object = None) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"must be text, not {value!r:.80}")
    return value.strip()


def _texts(value: object, _: object = None) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise UsageError(f"must be a list of texts, not {value!r:.80}")
    return tuple(map(_text, value))


def _path(value: object, base: _Base) -> Path:
    return base.path(_text(value))


def _paths(value: object, base: _Base) -> tuple[Path, ...]:
    return tuple(map(base.path, _texts(value)))


def _url(value: object, _: object = None) -> str:
    url = _text(value)
    if not url.startswith(("https://", "http://", "file://")):
        raise UsageError(f"must begin with https://, http:// or file://, not {url!r:.80}")
    return url.rstrip("/")


def _hosts(value: object, _: object = None) -> tuple[str, ...]:
    for host in _texts(value):
        if "/" in host:
            raise UsageError(f"must be names of hosts, with port if need be, not {host!r:.80}")
    return _texts(value)


def _mirrors(value: object, _: object = None) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise UsageError(f"must be a table from host to list of URLs, not {value!r:.80}")
    for host in _hosts(list(value)):
        for url in _texts(value[host]):
            if _url(url).startswith("file:"):
                raise UsageError(f"for {host} must begin with https:// or http://, not {url!r:.80}")
    return {host: tuple(map(_url, urls)) for host, urls in value.items()}


def _indexes(value: object, _: object = None) -> dict[str, str]:
    from lading.lint.pins_bases import NAMES

    if not isinstance(value, dict):
        raise UsageError(f"must be a table from index to URL, not {value!r:.80}")
    for name, url in value.items():
        if name not in NAMES:
            near = _near(name, NAMES)
            raise UsageError(f"knows no index {name[:80]!r}: " + (near or f"one of {', '.join(NAMES)}"))
        if _url(url).startswith("file:"):
            raise UsageError(f"for {name} must begin with https:// or http://, not {url!r:.80}")
    return {name: _url(url) for name, url in value.items()}


def _table(value: object, _: object = None) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UsageError(f"must be a table, not {value!r:.80}")
    return value


def _truth(value: object, _: object = None) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"must be true or false, not {value!r:.80}")
    return value


def _truth_or_path(value: object, base: _Base) -> bool | Path:
    return value if isinstance(value, bool) else _path(value, base)


def _count(value: object, _: object = None) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**16:
        raise UsageError(f"must be a whole number from 0 to 65535, not {value!r:.80}")
    return value


def _duration(value: object, _: object = None) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    text = value.strip() if isinstance(value, str) else ""
    number = text.rstrip("".join(_UNITS_S))
    unit = text[len(number) :]
    if not (number.isascii() and number.isdigit() and len(number) < MAX_DIGITS and unit in _UNITS_S):
        raise UsageError(f"must be seconds, or a text such as 90m, 12h or 7d, not {value!r:.80}")
    return int(number) * _UNITS_S[unit]


def _severity(value: object, _: object = None) -> Severity | None:
    text = _text(value).lower()
    if text == _NEVER:
        return None
    if text not in set(Severity):
        raise UsageError(f"must be {', '.join(Severity)} or {_NEVER}, not {text!r:.80}")
    return Severity(text)


def _platform(value: object, _: object = None) -> str:
    text = _text(value)
    if text.count("/") not in {1, 2} or not all(text.split("/")):
        raise UsageError(f"must have the form os/architecture or os/architecture/variant, not {text!r:.80}")
    return text


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _paired(text: str) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for part in _listed(text):
        host, sign, url = part.partition("=")
        if not sign:
            raise UsageError(f"must be host=URL, several with commas between, not {part!r:.80}")
        pairs.setdefault(host.strip(), []).append(url.strip())
    return pairs


def _by_name(text: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for part in _listed(text):
        name, sign, url = part.partition("=")
        if not sign:
            raise UsageError(f"must be index=URL, several with commas between, not {part!r:.80}")
        named[name.strip()] = url.strip()
    return named


def _truthful(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise UsageError(f"must be 1 or 0, true or false, not {text!r:.80}")
    return word in _TRUE


def _truthful_or_text(text: str) -> bool | str:
    return _truthful(text) if text.strip().lower() in _TRUE | _FALSE else text


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdigit() and len(text) < MAX_DIGITS else text


_KINDS: dict[str, _Kind] = {
    "cache_dir": _Kind(_path),
    "data_dir": _Kind(_path),
    "osv_url": _Kind(_url),
    "kev_url": _Kind(_url),
    "epss_url": _Kind(_url),
    "offline": _Kind(_truth, _truthful),
    "max_age": _Kind(_duration),
    "insecure_registries": _Kind(_hosts, _listed),
    "registry_mirrors": _Kind(_mirrors, _paired),
    "indexes": _Kind(_indexes, _by_name),
    "platform": _Kind(_platform),
    "fail_on": _Kind(_severity),
    "exceptions": _Kind(_paths, _listed),
    "vex": _Kind(_paths, _listed),
    "ca_bundle": _Kind(_path),
    "jobs": _Kind(_count, _number),
    "shellcheck": _Kind(_truth_or_path, _truthful_or_text),
    "lint": _Kind(_table),
}
