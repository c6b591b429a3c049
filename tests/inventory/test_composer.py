from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import needs
import reading
from lading.errors import MalformedError
from lading.inventory.composer import INSTALLED, LOCK
from lading.model.package import Location, Package

PATH = "srv/vendor/composer/installed.json"
PACKAGES = [
    {"name": "Monolog/Monolog", "version": "v2.3.1", "version_normalized": "2.3.1.0", "license": ["MIT"]},
    {"name": "phpunit/phpunit", "version": "9.5.0", "license": "BSD-3-Clause"},
    {"name": "acme/dev", "version": "dev-main"},
    {"name": "acme/vnext", "version": "vnext"},
    {"name": "no/version"},
]
VERSION_2 = json.dumps({"packages": PACKAGES, "dev": True, "dev-package-names": ["phpunit/phpunit"]})
FOUND = [
    ("monolog/monolog", "2.3.1", 0, ""),
    ("phpunit/phpunit", "9.5.0", 0, "dev"),
    ("acme/dev", "dev-main", 0, ""),
    ("acme/vnext", "vnext", 0, ""),
]


def test_installed() -> None:
    assert reading.pins(INSTALLED, PATH, VERSION_2) == FOUND
    assert reading.packages(INSTALLED, PATH, VERSION_2)[0] == Package(
        type="composer",
        name="monolog/monolog",
        version="2.3.1",
        licenses=("MIT",),
        locations=(Location(PATH),),
        key=f"{PATH}:monolog/monolog@2.3.1",
        reader="php/composer-installed",
    )


@pytest.mark.parametrize("mark", ["", "\ufeff", "\n "])
def test_installed_by_composer_1(mark: str) -> None:
    found = reading.pins(INSTALLED, PATH, mark + json.dumps(PACKAGES))
    assert found == [(name, version, line, "") for name, version, line, _ in FOUND]


def test_lock() -> None:
    text = json.dumps({"packages": PACKAGES[:1], "packages-dev": PACKAGES[1:2]})
    assert reading.pins(LOCK, "srv/composer.lock", text) == FOUND[:2]
    assert reading.facts(LOCK, "srv/vendor/a/b/composer.lock", text) == []


def test_one_bad_entry_costs_itself() -> None:
    text = '{"packages": [3, {"name": 1e999, "version": "1"}, {"name": "a/b", "version": "1", "license": 1e999}]}'
    assert reading.pins(INSTALLED, PATH, text) == [("a/b", "1", 0, "")]


@pytest.mark.parametrize("text", ["[]", "{}", '{"packages": {}}', '{"packages": null}', "[[]]"])
def test_empty(text: str) -> None:
    assert reading.facts(INSTALLED, PATH, text) == []


@pytest.mark.parametrize("text", ["", "[", "[1}", '[],"a":[', "3"])
def test_broken(text: str) -> None:
    with pytest.raises(MalformedError, match=r"installed\.json: not a JSON object"):
        reading.facts(INSTALLED, PATH, text)


@needs.tool("composer")
def test_as_composer_writes_them(tmp_path: Path) -> None:
    for name, version in (("mono", "v2.3.1"), ("tool", "1.0.0")):
        folder = tmp_path / "repo" / name
        folder.mkdir(parents=True)
        (folder / "composer.json").write_text(
            json.dumps({"name": f"acme/{name}", "version": version, "license": "MIT"})
        )
    repositories = [
        {"type": "path", "url": "repo/*", "options": {"symlink": False}},
        {"packagist.org": False},
    ]
    wanted = {"repositories": repositories, "require": {"acme/mono": "*"}, "require-dev": {"acme/tool": "*"}}
    (tmp_path / "composer.json").write_text(json.dumps(wanted))
    environment = {
        **os.environ, "HOME": str(tmp_path), "COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_DISABLE_NETWORK": "1"
    }  # fmt: skip
    command = ["composer", "update", "--no-interaction", "--quiet"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    expected = [("acme/mono", "2.3.1", 0, ""), ("acme/tool", "1.0.0", 0, "dev")]
    installed = (tmp_path / "vendor" / "composer" / "installed.json").read_bytes()
    assert reading.pins(INSTALLED, PATH, installed) == expected
    assert reading.pins(LOCK, "composer.lock", (tmp_path / "composer.lock").read_bytes()) == expected
