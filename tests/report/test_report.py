from __future__ import annotations

import subprocess
import sys
from typing import Literal

import pytest

import source_tree
from lading.errors import UsageError
from lading.report import FORMATS
from lading.report.format import Options
from lading.report.rendering import load, render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "nothing-checked": factory.report(advisories={}, findings=()),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_what_the_list_says(name: str) -> None:
    format_ = load(name)
    assert format_.name == name
    assert format_.suffix.startswith(".")
    assert "/" in format_.media_type
    assert format_.summary


def test_no_format_is_forgotten() -> None:
    modules = [one.name for one in source_tree.modules() if one.name.startswith("lading.report.")]
    texts = {one.name: one.path.read_text() for one in source_tree.modules() if one.name in modules}
    assert sorted(FORMATS.values()) == sorted(name for name, text in texts.items() if "\nFORMAT = " in text)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("group", ["package", "layer"])
def test_any_report_in_any_format(name: str, report: str, group: Literal["package", "layer"]) -> None:
    options = Options(group=group, show_suppressed=True, files=True, created="2020-01-02T03:04:05Z")
    data = render(name, REPORTS[report], options)
    assert data.endswith(b"\n")
    assert b"\x1b" not in data
    assert data == render(name, REPORTS[report], options)
    # What cannot be printed is escaped, whatever the format.
    assert {char for line in data.decode().split("\n") for char in line if not char.isprintable()} <= {
        "\U000e0041"
    }


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="no such format: 'pdf'"):
        render("pdf", factory.bare())


@pytest.mark.parametrize(
    ("name", "modules"),
    [
        pytest.param(None, {"json", "html", "table", "sarif"}, id="the-list-alone"),
        pytest.param("table", {"json", "html", "sarif", "cyclonedx"}, id="table"),
        pytest.param("json", {"html", "table", "sarif"}, id="json"),
    ],
)
def test_only_what_is_asked_for_is_imported(name: str | None, modules: set[str]) -> None:
    program = (
        f"import sys, lading.report.rendering as r; r.load({name!r}) if {name!r} else 0; print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(run.stdout.split())
    assert not loaded & {f"lading.report.{module}" for module in modules}
    assert not loaded & {"rich", "cyclonedx", "spdx_tools", "packaging", "jsonschema", "xml"}
