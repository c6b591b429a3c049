from __future__ import annotations

import pytest

import reading
from lading.errors import MalformedError
from lading.inventory.python_lock import PDM, POETRY, PYLOCK, UV

POETRY_1 = """\
[[package]]
name = "Flask"
version = "2.0.0"
category = "main"
optional = false

[[package]]
name = "pytest"
version = "8.0"
category = "dev"
optional = false

[[package]]
name = "ujson"
version = "5.0"
category = "main"
optional = true

[[package]]
name = "beside"
version = "0.1"
[package.source]
type = "directory"
url = "../beside"

[metadata]
lock-version = "1.1"
"""
POETRY_2 = """\
[[package]]
name = "flask"
version = "2.0.0"
groups = ["main", "dev"]
markers = "python_version >= \\"3.8\\""

[[package]]
name = "pytest"
version = "8.0"
groups = ["dev"]

[[package]]
name = "sphinx"
version = "7.0"
groups = ["handbook"]
"""
PDM_LOCK = """\
[metadata]
groups = ["default", "test"]

[[package]]
name = "flask"
version = "2.0.0"
groups = ["default"]

[[package]]
name = "pytest"
version = "8.0"
groups = ["test"]
"""
UV_LOCK = """\
version = 1

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "flask" }, { name = "numpy", version = "1.0", source = { registry = "x" }, marker = "a" }]

[package.optional-dependencies]
fast = [{ name = "ujson" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }, { name = "numpy", version = "2.0" }]

[[package]]
name = "click"
version = "8.0"
source = { registry = "https://example.org/simple" }

[[package]]
name = "flask"
version = "2.0.0"
source = { registry = "https://example.org/simple" }
dependencies = [{ name = "click" }]

[[package]]
name = "numpy"
version = "1.0"

[[package]]
name = "numpy"
version = "2.0"

[[package]]
name = "pluggy"
version = "1.0"

[[package]]
name = "pytest"
version = "8.0"
dependencies = [{ name = "pluggy" }, { name = "pytest" }]

[[package]]
name = "ujson"
version = "5.0"
"""
PYLOCK_TOML = """\
lock-version = "1.0"

[[packages]]
name = "flask"
version = "2.0.0"

[[packages]]
name = "from-git"
vcs = { type = "git", url = "https://example.org/x.git", commit-id = "abc" }

[[packages]]
name = "app"
version = "1.0"
directory = { path = ".", editable = true }
"""


def test_poetry() -> None:
    assert reading.pins(POETRY, "poetry.lock", POETRY_1) == [
        ("flask", "2.0.0", 1, ""),
        ("pytest", "8.0", 7, "dev"),
        ("ujson", "5.0", 13, "optional"),
    ]
    assert reading.pins(POETRY, "poetry.lock", POETRY_2) == [
        ("flask", "2.0.0", 1, ""),
        ("pytest", "8.0", 7, "dev"),
        ("sphinx", "7.0", 12, "optional"),
    ]


def test_pdm() -> None:
    assert reading.pins(PDM, "pdm.lock", PDM_LOCK) == [("flask", "2.0.0", 4, ""), ("pytest", "8.0", 9, "dev")]


def test_uv() -> None:
    assert reading.pins(UV, "srv/uv.lock", UV_LOCK) == [
        ("click", "8.0", 15, ""),
        ("flask", "2.0.0", 20, ""),
        ("numpy", "1.0", 26, ""),
        ("numpy", "2.0", 30, "dev"),
        ("pluggy", "1.0", 34, "dev"),
        ("pytest", "8.0", 38, "dev"),
        ("ujson", "5.0", 43, ""),
    ]


def test_uv_without_workspace() -> None:
    text = '[[package]]\nname = "a"\nversion = "1"\n'
    assert reading.pins(UV, "uv.lock", text) == [("a", "1", 1, "")]


def test_pylock() -> None:
    assert reading.pins(PYLOCK, "pylock.dev.toml", PYLOCK_TOML) == [("flask", "2.0.0", 3, "")]


def test_tables_written_inline_have_no_line() -> None:
    text = 'package = [{name = "a", version = "1"}, 3, {name = 4, version = "1"}]'
    assert reading.pins(POETRY, "poetry.lock", text) == [("a", "1", 0, "")]


@pytest.mark.parametrize("text", ["", "package = 3", "[package]\nname = 'a'", "[[other]]\nname = 'a'"])
def test_other_documents(text: str) -> None:
    assert reading.facts(POETRY, "poetry.lock", text) == []


def test_of_an_installed_package() -> None:
    assert reading.facts(POETRY, "lib/site-packages/a/poetry.lock", POETRY_1) == []


def test_broken() -> None:
    with pytest.raises(MalformedError, match=r"poetry\.lock: not TOML"):
        reading.facts(POETRY, "poetry.lock", POETRY_1[:-2])
