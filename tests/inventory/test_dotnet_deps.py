from __future__ import annotations

import json

import pytest

import reading
from lading.errors import MalformedError
from lading.inventory.dotnet_deps import DEPS
from lading.model.package import Location, Package

PATH = "app/Shop.deps.json"
TEXT = """{
  "runtimeTarget": {"name": ".NETCoreApp,Version=v6.0/linux-x64", "signature": ""},
  "targets": {
    ".NETCoreApp,Version=v6.0": {},
    ".NETCoreApp,Version=v6.0/linux-x64": {
      "Shop/1.0.0": {"dependencies": {"Newtonsoft.Json": "13.0.1"}, "runtime": {"Shop.dll": {}}},
      "Newtonsoft.Json/13.0.1": {
        "runtime": {"lib/netstandard2.0/Newtonsoft.Json.dll": {"assemblyVersion": "13.0.0.0"}}
      },
      "Humanizer.Core.de/2.8.26": {"resources": {"lib/netstandard2.0/de/Humanizer.resources.dll": {"locale": "de"}}},
      "SQLitePCLRaw/2.0.6": {
        "native": {"runtimes/linux-x64/native/libe_sqlite3.so": {"fileVersion": "0.0.0.0"}},
        "runtimeTargets": {"runtimes/win/lib/x.dll": {"rid": "win"}, "../../../etc/passwd": {}}
      },
      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.1": {"runtime": {"System.Text.Json.dll": {}}}
    }
  },
  "libraries": {
    "Shop/1.0.0": {"type": "project", "serviceable": false, "sha512": ""},
    "Newtonsoft.Json/13.0.1": {"type": "package", "serviceable": true, "sha512": "sha512-a", "path": "newtonsoft"},
    "Humanizer.Core.de/2.8.26": {"type": "package"},
    "SQLitePCLRaw/2.0.6": {"type": "package"},
    "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.1": {"type": "runtimepack"},
    "Local/1.0.0.0": {"type": "reference"},
    "noversion": {"type": "package"}
  }
}"""


def _package(name: str, version: str, *files: str, library: str = "") -> Package:
    return Package(
        type="nuget",
        name=name,
        version=version,
        files=files,
        locations=(Location(PATH),),
        key=f"{PATH}:{library or name}/{version}",
        reader="dotnet/deps",
    )


def test_deps() -> None:
    runtime = "Microsoft.NETCore.App.Runtime.linux-x64"
    assert reading.packages(DEPS, PATH, TEXT) == [
        _package("Newtonsoft.Json", "13.0.1", "app/Newtonsoft.Json.dll"),
        _package("Humanizer.Core.de", "2.8.26", "app/de/Humanizer.resources.dll"),
        _package("SQLitePCLRaw", "2.0.6", "app/libe_sqlite3.so", "app/runtimes/win/lib/x.dll"),
        _package(runtime, "6.0.1", "app/System.Text.Json.dll", library=f"runtimepack.{runtime}"),
    ]


def test_in_the_root() -> None:
    found = reading.packages(DEPS, "Shop.deps.json", TEXT)
    assert found[0].files == ("Newtonsoft.Json.dll",)


@pytest.mark.parametrize(
    ("entries", "there"),
    [
        pytest.param(['{"dependencies": {"System.Runtime": "4.3.0"}}'], False, id="depends-on-others"),
        pytest.param(["{}"], False, id="empty"),
        pytest.param(
            ['{"compile": {"ref/netstandard1.3/System.Net.Http.dll": {}}}'], False, id="compiled-against"
        ),
        pytest.param(['{"runtime": {}}', "{}"], False, id="empty-in-both-targets"),
        pytest.param(["{}", '{"runtime": {"lib/net46/System.Net.Http.dll": {}}}'], True, id="in-one-target"),
        pytest.param(['{"native": {"runtimes/linux-x64/native/x.so": {}}}'], True, id="native"),
        pytest.param(
            ['{"runtimeTargets": {"runtimes/unix/lib/x.dll": {"rid": "unix"}}}'], True, id="by-runtime"
        ),
        pytest.param([], True, id="no-target-tells"),
    ],
)
def test_a_package_of_which_nothing_was_copied_is_not_there(entries: list[str], *, there: bool) -> None:
    targets = ", ".join(f'"{at}": {{"System.Net.Http/4.3.0": {entry}}}' for at, entry in enumerate(entries))
    text = f'{{"targets": {{{targets}}}, "libraries": {{"System.Net.Http/4.3.0": {{"type": "package"}}}}}}'
    assert [one.name for one in reading.packages(DEPS, PATH, text)] == ["System.Net.Http"] * there


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        pytest.param("abc", ["Whole", "A", "B", "C"], id="all"),
        pytest.param("ab", ["Whole", "A", "B"], id="most"),
        pytest.param("a", ["A"], id="one"),
        pytest.param("", [], id="none"),
    ],
)
def test_a_package_of_packages_is_there_with_most_of_them(there: str, expected: list[str]) -> None:
    parts: dict[str, dict[str, object]] = {
        f"{name.upper()}/1.0": {"runtime": {f"lib/{name}.dll": {}}} if name in there else {} for name in "abc"
    }
    target = {"Whole/1.0": {"dependencies": {"A": "1.0", "B": "1.0", "C": "1.0"}}, **parts}
    text = json.dumps({"targets": {"x": target}, "libraries": {one: {"type": "package"} for one in target}})
    assert [one.name for one in reading.packages(DEPS, PATH, text)] == expected


@pytest.mark.parametrize("text", ["{}", '{"libraries": []}', '{"libraries": {"a/1": 3, "b/2": {"type": 4}}}'])
def test_empty(text: str) -> None:
    assert reading.facts(DEPS, PATH, text) == []


def test_one_bad_entry_costs_itself() -> None:
    libraries = '{"a/1": {"type": 1e999}, "b/2": {"type": "package", "sha512": 7}}'
    text = f'{{"targets": {{"x": {{"b/2": {{"runtime": [3]}}}}}}, "libraries": {libraries}}}'
    assert [(one.name, one.version) for one in reading.packages(DEPS, PATH, text)] == [("b", "2")]


def test_broken() -> None:
    with pytest.raises(MalformedError, match=r"app/Shop\.deps\.json: not a JSON object"):
        reading.facts(DEPS, PATH, TEXT[:-1])
