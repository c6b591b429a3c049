from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import needs
import reading
from lading.errors import MalformedError
from lading.inventory.node_package import PACKAGE, licenses
from lading.model.package import Location, Package

PLAIN = '{"name": "a", "version": "1.0.0"}'


def test_package() -> None:
    text = '{"name": "@s/a", "version": "1.0.0", "license": "MIT", "main": {"x": [1]}}'
    assert reading.packages(PACKAGE, "srv/node_modules/@s/a/package.json", text) == [
        Package(
            type="npm",
            name="@s/a",
            version="1.0.0",
            licenses=("MIT",),
            locations=(Location("srv/node_modules/@s/a/package.json"),),
            key="srv/node_modules/@s/a",
            reader="node/package",
        )
    ]


@pytest.mark.parametrize(
    ("directory", "name", "counts"),
    [
        pytest.param("node_modules/a", "a", True, id="root"),
        pytest.param("node_modules/alias", "a", True, id="alias"),
        pytest.param("srv/node_modules/@s/a", "@s/a", True, id="scoped"),
        pytest.param("srv/node_modules/b/node_modules/a", "a", True, id="nested"),
        pytest.param("node_modules/.pnpm/a@1.0.0/node_modules/a", "a", True, id="pnpm"),
        pytest.param("usr/lib/node_modules/npm/node_modules/a", "a", True, id="global"),
        pytest.param("usr/share/nodejs/a", "a", True, id="debian"),
        pytest.param("usr/share/nodejs/@s/a", "@s/a", True, id="debian-scoped"),
        pytest.param("opt/yarn-v1.22.22", "yarn", True, id="outside"),
        pytest.param("srv/my_node_modules/x/y", "a", True, id="called-almost-so"),
        pytest.param("node_modules/b/vendor/a", "a", True, id="copy-inside"),
        pytest.param("node_modules/b/vendor/a", "@s/a", True, id="scoped-copy-inside"),
        pytest.param("node_modules/b/vendor/x", "a", False, id="part-of-a-package"),
        pytest.param("node_modules/b/test/fixtures/a", "a", False, id="test-data"),
        pytest.param("node_modules/@s/b/dist", "a", False, id="part-of-a-scoped-package"),
        pytest.param("usr/share/nodejs/terser/bin", "other", False, id="part-on-debian"),
    ],
)
def test_place(directory: str, name: str, *, counts: bool) -> None:
    text = json.dumps({"name": name, "version": "1.0.0"})
    found = [one.name for one in reading.packages(PACKAGE, f"{directory}/package.json", text)]
    assert found == ([name] if counts else [])


@pytest.mark.parametrize(
    ("directory", "counts"),
    [
        ("node_modules/a", True),
        ("usr/share/nodejs/a", True),
        ("srv/app", False),
        ("node_modules/b/x/a", False),
    ],
)
def test_private_and_of_vs_code(directory: str, *, counts: bool) -> None:
    for more in ('"private": true', '"engines": {"vscode": "*"}'):
        found = reading.packages(PACKAGE, f"{directory}/package.json", PLAIN[:-1] + f", {more}}}")
        assert bool(found) is counts


@pytest.mark.parametrize("engines", ['{"node": ">=18"}', "[]", '["vscode"]', '"vscode"', "1e999"])
def test_other_engines(engines: str) -> None:
    text = PLAIN[:-1] + f', "engines": {engines}}}'
    assert len(reading.packages(PACKAGE, "srv/app/package.json", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "module"}',
        '{"name": "a"}',
        '{"version": "1.0.0"}',
        '{"name": "", "version": "1.0.0"}',
        '{"name": "a", "version": ""}',
        '{"name": ["a"], "version": "1.0.0"}',
        '{"name": "a", "version": 1}',
        '{"name": "a\\nb", "version": "1.0.0"}',
    ],
)
def test_no_package(text: str) -> None:
    assert reading.facts(PACKAGE, "node_modules/a/package.json", text) == []


@pytest.mark.parametrize(
    ("text", "version"),
    [
        pytest.param('\ufeff{"name": "a", "version": "1.0.0"}', "1.0.0", id="mark"),
        pytest.param('{"name": "a", "version": " v1.0.0 "}', "1.0.0", id="v"),
        pytest.param('{"name": "a", "version": "=1.0.0"}', "1.0.0", id="equals"),
        pytest.param('{"license": 1e999, "name": "a", "version": "1.0.0"}', "1.0.0", id="number-out-of-range"),
        pytest.param('{"license": {"type": 3}, "name": "a", "version": "1.0.0"}', "1.0.0", id="strange-license"),
        pytest.param('{"version": "1", "name": "x", "name": "a", "version": "2"}', "2", id="last-counts"),
    ],
)  # fmt: skip
def test_tolerance(text: str, version: str) -> None:
    [found] = reading.packages(PACKAGE, "node_modules/a/package.json", text)
    assert (found.name, found.version, found.licenses) == ("a", version, ())


def test_half_a_character() -> None:
    text = '{"license": "\\\\\\ud800\\ud83d\\ude00\\udc00", "name": "a", "version": "1.0.0"}'
    [found] = reading.packages(PACKAGE, "node_modules/a/package.json", text)
    assert (found.name, found.version, found.licenses) == ("a", "1.0.0", ("\\\ufffd\U0001f600\ufffd",))


def test_bytes_that_are_no_utf_8() -> None:
    data = b'{"author": "Jos\xe9", "license": "\xff", "name": "a", "version": "1.0.0"}'
    [found] = reading.packages(PACKAGE, "node_modules/a/package.json", data)
    assert (found.name, found.version, found.licenses) == ("a", "1.0.0", ("\ufffd",))


@pytest.mark.parametrize(
    ("license_field", "licenses_field", "found"),
    [
        pytest.param("MIT", None, ("MIT",), id="name"),
        pytest.param({"type": "MIT", "url": "x"}, None, ("MIT",), id="object"),
        pytest.param({"name": "MIT"}, None, ("MIT",), id="object-with-name"),
        pytest.param(None, [{"type": "MIT"}, {"type": "BSD"}], ("MIT", "BSD"), id="list-of-objects"),
        pytest.param(["MIT", "ISC"], None, ("MIT", "ISC"), id="list-of-names"),
        pytest.param(None, {"type": "MIT"}, ("MIT",), id="plural-of-one"),
        pytest.param("MIT", ["MIT"], ("MIT",), id="said-twice"),
        pytest.param("(MIT OR Apache-2.0)", None, ("(MIT OR Apache-2.0)",), id="expression"),
        pytest.param({"url": "x"}, [None, 3, "", {}, []], (), id="nothing-named"),
    ],
)
def test_licenses(license_field: object, licenses_field: object, found: tuple[str, ...]) -> None:
    assert licenses(license_field, licenses_field) == found


def test_broken_where_a_package_should_be() -> None:
    with pytest.raises(MalformedError, match=r"node_modules/a/package\.json: not a JSON object"):
        reading.facts(PACKAGE, "node_modules/a/package.json", PLAIN[:-1])


def test_broken_where_none_should_be() -> None:
    assert reading.facts(PACKAGE, "node_modules/a/deep/er/package.json", PLAIN[:-1]) == []


@needs.tool("npm")
def test_as_npm_sees_itself() -> None:
    program = Path(shutil.which("npm") or "").resolve()
    root = next((parent for parent in program.parents if parent.name == "npm"), None)
    if root is None or not (root / "node_modules").is_dir():
        pytest.skip("this npm does not carry its own packages")
    listed = subprocess.run(["npm", "query", "*"], cwd=root, capture_output=True, check=True).stdout
    expected = {
        f"usr/lib/node_modules/npm/{node['location']}".rstrip("/"): (node["name"], node["version"])
        for node in json.loads(listed)
    }
    found = {}
    for path in sorted(root.rglob("package.json")):
        place = f"usr/lib/node_modules/npm/{path.relative_to(root)}"
        for one in reading.packages(PACKAGE, place, path.read_bytes()):
            found[one.key] = (one.name, one.version)
    assert found == expected
    assert len(found) > 50
