"""Every module has a test file at its place in the mirror: `lading.oci.tar` -> `tests/oci/test_tar.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

import needs
import source_tree
from lading.lint import RULES

TESTS = needs.ROOT / "tests"

# Modules without a test file of their own, and the file that tests them, with the reason.
TESTED_THROUGH = {
    "lading.__main__": ("cli/test_main.py", "hands over to cli.main"),
    "lading.cli.scan_served": (
        "cli/test_scanner.py",
        "the other side of cli.scanner: neither goes without the other",
    ),
    "lading.build.bubblewrap": ("build/test_run.py", "every command there is run by it, too"),
    "lading.build.copying": ("build/test_run.py", "what is written to a bind is lost, in a flat root"),
    "lading.build.launcher": ("build/test_run.py", "every command there is run by each"),
    "lading.build.root_mounts": ("build/test_run.py", "every kind of mount, in a root that is changed to"),
    "lading.build.cell": ("build/test_run.py", "every command there runs in one"),
    "lading.build.cell_control": ("build/test_run.py", "signals and the end of commands"),
    "lading.build.cell_probe": ("build/test_isolation.py", "what a probe finds"),
    "lading.build.cell_process": ("build/test_run.py", "every command there starts one"),
    "lading.build.children": ("build/test_run.py", "status and signals of commands, and what they leave"),
    "lading.build.origins": ("build/test_order.py", "files of contexts, stages and images in whole builds"),
    "lading.build.run_resolve": ("build/test_order.py", "every kind of mount in whole builds"),
    "lading.build.run_step": ("build/test_order.py", "commands in whole builds"),
    "lading.build.transfer_step": ("build/test_order.py", "files in whole builds"),
    "lading.build.workdir_step": ("build/test_order.py", "working directories in whole builds"),
    "lading.build.mounts": ("build/test_run.py", "every kind of mount, in real containers"),
    "lading.build.overlay_mount": ("build/test_run.py", "layers by the hundred, in real containers"),
    "lading.build.run_spec": ("build/test_cell_wire.py", "records"),
    "lading.build.runtime": ("build/test_run.py", "what each runtime says of what it cannot run"),
    "lading.build.disk": ("build/test_unpack.py", "every kind of file there is made by it"),
    "lading.dockerfile.instruction": (
        "dockerfile/test_buildkit.py",
        "records; BuildKit says what is in them",
    ),
    "lading.dockerfile.problem": ("dockerfile/test_typed.py", "a record"),
    "lading.errors": ("house/test_errors.py", "the rules of errors are rules of the house"),
    "lading.inventory.go_buildinfo": (
        "inventory/test_go_binary.py",
        "found in whole programs of every shape there",
    ),
    "lading.lint": ("lint/test_rules.py", "the list of rules"),
    "lading.lint.output": ("lint/output/test_formats.py", "the list of formats"),
    "lading.lint.output.format": ("lint/output/test_formats.py", "the records that every format works with"),
    "lading.lint.accounts": ("lint/test_own_rules.py", "the rules that ask it"),
    "lading.lint.artefacts": ("lint/test_own_rules.py", "the rules that ask it"),
    "lading.lint.base_image": ("lint/test_rules.py", "by the examples of its rules"),
    "lading.lint.config_forms": ("lint/test_hadolint_config.py", "the forms of what is read there"),
    "lading.lint.context_paths": ("lint/test_own_rules.py", "the rules that ask it"),
    "lading.lint.finding": ("lint/test_rules.py", "the record that checking makes"),
    "lading.lint.grammar": ("lint/test_shell.py", "hidden behind the shell"),
    "lading.lint.pin_source": ("lint/test_rules.py", "a protocol"),
    "lading.lint.references": ("lint/test_own_rules.py", "the rules that ask it"),
    "lading.lint.rule": ("lint/test_rules.py", "the record of a rule"),
    "lading.lint.shebang": ("lint/test_shell.py", "hidden behind the shell"),
    "lading.lint.shell_text": ("lint/test_shell.py", "hidden behind the shell"),
    "lading.lint.users": ("lint/test_own_rules.py", "the rules that ask it"),
    "lading.lint.words": ("lint/test_shell.py", "hidden behind the shell"),
    "lading.lint.wrapper": ("lint/test_shell.py", "hidden behind the shell"),
    "lading.shellcheck.answer": ("shellcheck/test_json1.py", "records; what is read into them is tested"),
    "lading.model.digest": ("oci/test_digest.py", "a type; oci.digest makes it"),
    "lading.model.fact": ("oci/test_walk.py", "records without behaviour; the walk collects them"),
    "lading.model.finding": ("policy/test_apply.py", "records without behaviour"),
    "lading.model.package": ("inventory/test_assemble.py", "records without behaviour"),
    "lading.model.report": ("report/test_json.py", "records without behaviour; their JSON is tested"),
    "lading.model.severity": ("policy/test_threshold.py", "the order of severities is what a threshold uses"),
    "lading.oci.dispatch": ("oci/test_walk.py", "which readers want a path is a table there"),
    "lading.oci.facts": ("oci/test_walk.py", "the record that a walk makes"),
    "lading.oci.reader": ("oci/test_walk.py", "the record that the walk works with"),
    "lading.oci.whiteout": ("oci/test_walk.py", "three names; what they do is a table there"),
    "lading.report.rendering": ("report/test_report.py", "any report in any format"),
    "lading.report.format": ("report/test_report.py", "the record that every format makes"),
}


def expected(name: str) -> Path | None:
    """Return where the test file of a module belongs, from `tests`; None where none is wanted."""
    parts = name.split(".")[1:]
    if not parts or parts[-1].startswith("_"):
        return None  # a hidden module is tested through the public one that uses it
    return Path(*parts[:-1], f"test_{parts[-1]}.py")


def _rules() -> set[str]:
    """Return the modules of lint rules: their examples are their tests, which lint/test_rules.py runs."""
    return {f"lading.lint.{entry[0]}" for entry in RULES.values()}


def _wanted() -> dict[str, Path]:
    """Return the test files of all modules but lint rules, and packages without code of their own."""
    found = {}
    rules = _rules()
    for module in source_tree.modules():
        if module.name in rules:
            continue
        path = expected(module.name)
        if path is None or (module.path.name == "__init__.py" and len(module.tree.body) == 1):
            continue
        if module.path.name == "__init__.py":
            path = Path(module.name.split(".")[-1], path.name)
        found[module.name] = path
    return found


@pytest.mark.parametrize("name", sorted(_wanted()))
def test_module_has_its_tests(name: str) -> None:
    through = TESTED_THROUGH.get(name)
    if through is not None:
        assert (TESTS / through[0]).is_file(), f"{name} is said to be tested in {through[0]}"
        return
    path = _wanted()[name]
    assert (TESTS / path).is_file(), f"{name} wants tests/{path}"


def test_no_exception_that_is_not_needed() -> None:
    wanted = _wanted()
    known = {module.name for module in source_tree.modules()}
    stale = [name for name in TESTED_THROUGH if name in wanted and (TESTS / wanted[name]).is_file()]
    assert stale == [], "these have tests of their own now"
    assert sorted(set(TESTED_THROUGH) - known) == [], "these are gone"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("lading.net", "test_net.py"),
        ("lading.oci.tar", "oci/test_tar.py"),
        ("lading.versions._parts", None),
        ("lading", None),
    ],
)
def test_the_rule_itself(name: str, path: str | None) -> None:
    assert expected(name) == (None if path is None else Path(path))
