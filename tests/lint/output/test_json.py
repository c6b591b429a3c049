from __future__ import annotations

import json

from lint.output.samples import linted, rendered


def test_json() -> None:
    first, second, third = json.loads(rendered("json", linted()))
    assert first == {
        "file": "a/Dockerfile",
        "line": 2,
        "column": 5,
        "endLine": 2,
        "endColumn": 9,
        "code": "T1",
        "level": "error",
        "message": "no sudo",
        "fixable": True,
        "safe": True,
    }
    assert (second["code"], second["fixable"], second["endLine"]) == ("T3", False, 3)
    assert (third["code"], third["fixable"], third["safe"]) == ("T2", True, False)
