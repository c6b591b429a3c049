"""What varies is one module and one line in its package's visible list: no line may be forgotten."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

import lading
import source_tree
from lading.oci.reader import FileReader


def _modules_of(package: str) -> Iterator[ModuleType]:
    for module in source_tree.modules():
        if module.name.startswith(f"lading.{package}."):
            yield importlib.import_module(module.name)


def _public_list(package: str, *names: str) -> list[object]:
    module = importlib.import_module(f"lading.{package}")
    missing = [name for name in names if not hasattr(module, name)]
    assert not missing, f"lading.{package} has no {', '.join(missing)}"
    return [value for name in names for value in flat(getattr(module, name))]


def flat(value: object) -> Iterator[object]:
    """Yield the members of a list, however it is nested, mappings with keys and values."""
    if isinstance(value, Mapping):
        yield from flat(list(value.items()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for member in value:
            yield from flat(member)
    else:
        yield value


def _readers() -> dict[str, FileReader]:
    """Return every reader that a module of `lading.inventory` has, by the place where it stands."""
    found: dict[int, tuple[str, FileReader]] = {}
    for module in _modules_of("inventory"):
        for name, value in vars(module).items():
            for one in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(one, FileReader):
                    found.setdefault(id(one), (f"{module.__name__}.{name}", one))
    return dict(found.values())


def test_every_reader_is_listed() -> None:
    listed = _public_list("inventory", "READERS", "LOCK_READERS")
    by_identity = {id(one) for one in listed if isinstance(one, FileReader)}
    texts = " ".join(one for one in listed if isinstance(one, str))
    forgotten = [
        place
        for place, reader in _readers().items()
        if id(reader) not in by_identity and place.rpartition(".")[0] not in texts
    ]
    assert forgotten == [], "add them to READERS or LOCK_READERS of lading.inventory"


def test_reader_names_are_unique_and_have_a_family() -> None:
    names = [reader.name for reader in _readers().values()]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert [name for name in names if name.count("/") != 1 or name != name.lower()] == []


def test_every_reader_wants_something() -> None:
    assert [place for place, one in _readers().items() if not (one.paths or one.magic)] == []


@pytest.mark.parametrize(
    ("package", "listing", "attribute"),
    [
        pytest.param("versions", "SCHEMES", "key", id="version-schemes"),
        pytest.param("report", "FORMATS", "FORMAT", id="report-formats"),
        pytest.param("cli", "COMMANDS", "run", id="commands"),
    ],
)
def test_every_plugin_is_listed(package: str, listing: str, attribute: str) -> None:
    listed = _public_list(package, listing)
    texts = {str(one).rpartition(".")[2] for one in listed if isinstance(one, str)}
    named = {one.__name__.rpartition(".")[2] for one in listed if isinstance(one, ModuleType)}
    existing = {
        module.__name__.rpartition(".")[2]
        for module in _modules_of(package)
        if attribute in vars(module) and not module.__name__.rpartition(".")[2].startswith("_")
    }
    spelled = {text.replace("-", "_") for text in texts} | named
    assert sorted(existing - spelled) == [], f"add them to lading.{package}.{listing}"
    assert existing, f"no module of lading.{package} has {attribute}"


@pytest.mark.parametrize(
    ("package", "listing"), [("versions", "SCHEMES"), ("report", "FORMATS"), ("cli", "COMMANDS")]
)
def test_every_listed_module_exists(package: str, listing: str) -> None:
    known = {module.name for module in source_tree.modules()}
    named = [
        one
        for one in _public_list(package, listing)
        if isinstance(one, str) and one.startswith(f"lading.{package}.")
    ]
    assert [name for name in named if name.partition(":")[0] not in known] == []


def test_flat_itself() -> None:
    assert list(flat({"a": ("b", ["c"]), "d": lading})) == ["a", "b", "c", "d", lading]
