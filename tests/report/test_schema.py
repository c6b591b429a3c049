from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lading.report import schema
from lading.report.rendering import render
from report import factory

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"


def test_the_published_schema_is_the_records() -> None:
    assert json.loads(PUBLISHED.read_bytes()) == schema.schema(), "python -m lading.report.schema > " + str(
        PUBLISHED
    )


def test_the_schema_refuses() -> None:
    published = json.loads(PUBLISHED.read_bytes())
    document = json.loads(render("json", factory.report()))
    for spoil in (_without_layer, _with_bad_severity, _without_target):
        with pytest.raises(jsonschema.ValidationError, match=r"layer|awful|target"):
            jsonschema.validate(spoil(json.loads(json.dumps(document))), published)


def _without_layer(document: Any) -> Any:  # noqa: ANN401 -- JSON
    del document["packages"][0]["layer"]
    return document


def _with_bad_severity(document: Any) -> Any:  # noqa: ANN401 -- JSON
    document["findings"][0]["severity"] = "awful"
    return document


def _without_target(document: Any) -> Any:  # noqa: ANN401 -- JSON
    del document["target"]
    return document


def test_every_field_is_described() -> None:
    described = {name: set(fields) for name, (_, fields) in schema.DESCRIPTIONS.items()}
    held = {
        name: set(value.get("properties", ()))
        for name, value in {"Report": schema.schema(), **schema.schema()["$defs"]}.items()
    }
    assert described == held


def test_the_command_that_makes_the_file() -> None:
    made = subprocess.run([sys.executable, "-m", "lading.report.schema"], check=True, capture_output=True)
    assert made.stdout == PUBLISHED.read_bytes()
