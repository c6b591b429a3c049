"""What is written down is what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import lading
import needs
import source_tree

# Places of the machines that Lading was written on; no reader has them.
_MACHINE = re.compile(r"/[w]ork/(?:main|shared|\.)|/tmp/[w]\b|/root/(?:go|\.pyenv)\b")
_TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".html", ".css", ".js", ".txt", ".cfg", ""}
_FOLDERS = ("src", "tests", "docs", "benchmarks", "examples", ".ci")


def _files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=needs.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = [needs.ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.suffix in _TEXT and path.is_file()]


def machine_paths(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if _MACHINE.search(line)]


def test_no_machine_paths() -> None:
    found = {
        str(path.relative_to(needs.ROOT)): lines
        for path in _files()
        if path.relative_to(needs.ROOT).parts[0] in _FOLDERS or path.parent == needs.ROOT
        if (lines := machine_paths(path.read_text("utf-8", "replace")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("see /{}/main/x".format("work"), 1),
        ("in /tmp/{}/venv".format("w"), 1),
        ("/root/.docker in /home/app/work/, /tmp/workdir, /work/x", 0),
    ],
)
def test_the_rule_on_paths_itself(text: str, count: int) -> None:
    assert len(machine_paths(text)) == count


def help_blocks(text: str) -> list[tuple[list[str], str]]:
    """Return arguments and output of every block that begins with `$ lading ... --help`."""
    blocks = re.findall(r"```[a-z]*\n\$ lading([^\n]*--help)\n(.*?)```", text, re.DOTALL)
    return [(arguments.split(), output) for arguments, output in blocks]


def test_readme_shows_the_help_that_there_is() -> None:
    blocks = help_blocks((needs.ROOT / "README.md").read_text("utf-8"))
    assert blocks, "README.md shows no `$ lading --help`"
    for arguments, output in blocks:
        done = subprocess.run(
            [sys.executable, "-m", "lading", *arguments],
            env={"COLUMNS": "100", "NO_COLOR": "1", "HOME": "/nonexistent", "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.strip() == output.strip(), f"lading {' '.join(arguments)}"


def test_the_rule_on_help_itself() -> None:
    text = "a\n```console\n$ lading scan --help\nusage: x\n```\n```\n$ lading scan y\n```\n"
    assert help_blocks(text) == [(["scan", "--help"], "usage: x\n")]


def test_changelog_has_this_version() -> None:
    text = (needs.ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", text, re.MULTILINE)
    assert lading.__version__ in versions


def test_architecture_names_every_part() -> None:
    text = (needs.ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`(?:lading[./])?([a-z_]+)(?:/|\.py)`", text))
    existing = source_tree.direct_children() - {"__main__"}
    assert sorted(existing - named) == [], "docs/architecture.md does not name them (as `oci/` or `net.py`)"
    assert sorted(named - existing - _inner_names()) == [], "docs/architecture.md names what is not there"


def _inner_names() -> set[str]:
    return {module.name.rpartition(".")[2] for module in source_tree.modules()}


def test_documents_link_to_what_exists() -> None:
    pages = [needs.ROOT / "README.md", *sorted((needs.ROOT / "docs").rglob("*.md"))]
    missing = [
        f"{path.name}: {target}"
        for path in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert missing == []


def test_every_document_is_reachable_from_the_readme() -> None:
    readme = (needs.ROOT / "README.md").read_text("utf-8")
    pages = [path.name for path in sorted((needs.ROOT / "docs").glob("*.md"))]
    assert [name for name in pages if f"docs/{name}" not in readme] == []
