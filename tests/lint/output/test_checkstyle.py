from __future__ import annotations

import xml.etree.ElementTree as ET

from lint.output.samples import linted, rendered


def test_checkstyle() -> None:
    root = ET.fromstring(rendered("checkstyle", linted(), linted("FROM a\n", "b", ())))
    assert [file.get("name") for file in root] == ["a/Dockerfile", "b"]
    assert [error.attrib for error in root[0]] == [
        {"line": "2", "column": "5", "severity": "error", "message": "no sudo", "source": "T1"},
        {"line": "2", "column": "5", "severity": "info", "message": 'two <lines> & "more" [x] {0}', "source": "T3"},
        {"line": "3", "column": "5", "severity": "warning", "message": "say 100%: a, b", "source": "T2"},
    ]  # fmt: skip
