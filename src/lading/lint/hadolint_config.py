"""The configuration of the linter: hadolint's file and variables as they are, and a table of Lading's own.

hadolint's file is `.hadolint.yaml` or `.hadolint.yml` in the working directory, else one of those below the home
directory. Keys that it does not know are passed over, as hadolint does; wrong values are an error here.
https://github.com/hadolint/hadolint#configure
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError, UsageError
from lading.record import Record, replace

MAX_BYTES = 2**20
MAX_DEPTH = 50
NAMES = (".hadolint.yaml", ".hadolint.yml")
_BELOW_HOME = (".hadolint/hadolint.yaml", "hadolint/config.yaml", ".hadolint.yaml")

LevelName = Literal["error", "warning", "info", "style", "ignore"]
LabelType = Literal["text", "rfc3339", "semver", "url", "spdx", "hash", "email"]
Threshold = Literal["error", "warning", "info", "style", "ignore", "none"]
_LEVELS: tuple[LevelName, ...] = ("style", "info", "warning", "error")


class Config(Record, kw_only=True):
    """What to check, and how. Codes are as rules have them.

    ignored: codes that are not reported. levels: code -> level in place of the rule's own.
    trusted_registries: where bases may come from (DL3026); empty for anywhere. labels: label -> its type.
    strict_labels: no labels but these. pragmas: comments in the Dockerfile may switch rules off.
    failure_threshold: the mildest level that fails; `none` for no level. no_fail: nothing does.
    """

    ignored: frozenset[str] = frozenset()
    levels: dict[str, LevelName] = {}
    trusted_registries: tuple[str, ...] = ()
    labels: dict[str, LabelType] = {}
    strict_labels: bool = False
    pragmas: bool = True
    failure_threshold: Threshold = "info"
    no_fail: bool = False


def find(cwd: Path, home: Path, environ: Mapping[str, str]) -> Path | None:
    """Return hadolint's file, looked for where hadolint does; None if there is none."""
    xdg = environ.get("XDG_CONFIG_HOME")
    above = [cwd / name for name in NAMES]
    above.append((Path(xdg) if xdg else home / ".config") / "hadolint.yaml")
    above += [home / name for name in _BELOW_HOME]
    return next((path for path in above if path.is_file()), None)


def load(path: Path) -> Config:
    """Return the configuration in a file of hadolint's form.

    Raises `MalformedError`, `LimitError`, or what says that the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except PermissionError as error:
        raise DeniedError("no permission to read it", str(path)) from error
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror}", str(path)) from error
    return parse(data, str(path))


def parse(data: bytes, where: str = "") -> Config:
    """Return the configuration in the text of such a file; raises `MalformedError` or `LimitError`."""
    if len(data) > MAX_BYTES:
        raise LimitError(f"larger than {MAX_BYTES} bytes", where)
    from lading.lint import config_forms

    document = _yaml(data, where)
    file = config_forms.converted({} if document is None else document, config_forms.Hadolint, where)
    levels: dict[str, LevelName] = {}
    for level in _LEVELS:  # where a code has several, the worst counts
        codes: list[str] = getattr(file.override, level, None) or []
        levels.update(dict.fromkeys(codes, level))
    return Config(
        ignored=frozenset(file.ignored or ()),
        levels=levels,
        trusted_registries=tuple(file.trusted_registries or ()),
        labels=file.label_schema or {},
        strict_labels=bool(file.strict_labels),
        pragmas=not file.disable_ignore_pragma,
        failure_threshold=file.failure_threshold or "info",
        no_fail=bool(file.no_fail),
    )


def _yaml(data: bytes, where: str) -> object:
    import yaml

    try:
        # The safe loader, in C; no aliases, for they can make a small file large.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        depth = 0
        for event in yaml.parse(data, loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise LimitError("nested too deep", where)
            if isinstance(event, yaml.AliasEvent):
                raise LimitError("aliases are not taken", where)
        return yaml.load(data, loader)  # noqa: S506 - this is the safe loader
    except yaml.MarkedYAMLError as error:
        at = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise MalformedError(f"not YAML: {error.problem or error.context}", f"{where}{at}") from error
    # Values such as impossible dates come as ValueError, bytes that are no text as ReaderError.
    except (yaml.YAMLError, ValueError) as error:
        raise MalformedError("not YAML: " + str(error).partition("\n")[0], where) from error


def from_table(table: Mapping[str, Any], below: Config, where: str = "") -> Config:
    """Return `below` with what a table of Lading's own file says; lists of codes add up.

    Raises `MalformedError` for a wrong key or value.
    """
    from lading.lint import config_forms

    own = config_forms.converted(table, config_forms.Own, where)
    changes: dict[str, Any] = {
        "trusted_registries": None if own.trusted_registries is None else tuple(own.trusted_registries),
        "labels": own.labels,
        "strict_labels": own.strict_labels,
        "pragmas": own.pragmas,
        "failure_threshold": own.fail_on,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    return replace(
        below, ignored=below.ignored | set(own.ignore), levels={**below.levels, **own.levels}, **changes
    )


_SWITCHES = (
    ("NOFAIL", "no_fail", True),
    ("STRICT_LABELS", "strict_labels", True),
    ("DISABLE_IGNORE_PRAGMA", "pragmas", False),
)
_TRUE = frozenset({"1", "y", "yes", "true", "on"})


def from_environment(environ: Mapping[str, str], below: Config) -> Config:
    """Return `below` with what hadolint's variables say (`HADOLINT_IGNORE=DL3008,DL3013` ...).

    Raises `UsageError` for a wrong value.
    """
    changes: dict[str, Any] = {}
    levels = dict(below.levels)
    for level in _LEVELS:
        levels.update(dict.fromkeys(_listed(environ, f"OVERRIDE_{level.upper()}"), level))
    registries = _listed(environ, "TRUSTED_REGISTRIES")
    if registries:
        changes["trusted_registries"] = tuple(registries)
    labels = dict(one.split(":", 1) for one in _listed(environ, "REQUIRE_LABELS") if ":" in one)
    if labels:
        changes["labels"] = _valued("HADOLINT_REQUIRE_LABELS", labels, dict[str, LabelType])
    threshold = environ.get("HADOLINT_FAILURE_THRESHOLD")
    if threshold:
        changes["failure_threshold"] = _valued("HADOLINT_FAILURE_THRESHOLD", threshold.lower(), Threshold)
    switches = {
        field: value
        for variable, field, value in _SWITCHES
        if environ.get(f"HADOLINT_{variable}", "").lower() in _TRUE
    }
    ignored = below.ignored | set(_listed(environ, "IGNORE"))
    return replace(below, ignored=ignored, levels=levels, **changes, **switches)


def _listed(environ: Mapping[str, str], name: str) -> Iterable[str]:
    return [one for one in environ.get(f"HADOLINT_{name}", "").split(",") if one]


def _valued(variable: str, value: object, form: Any) -> object:  # noqa: ANN401 - any form that msgspec knows
    from lading.lint import config_forms

    try:
        return config_forms.converted(value, form)
    except MalformedError as error:
        raise UsageError(f"{variable}: {error.message}") from None
