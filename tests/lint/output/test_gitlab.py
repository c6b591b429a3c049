from __future__ import annotations

import json

from lint.output.samples import hostile, linted, rendered


def test_the_same_issues_as_one_list() -> None:
    listed = json.loads(rendered("gitlab", linted()))
    assert [(one["check_name"], one["severity"]) for one in listed] == [
        ("T1", "blocker"),
        ("T3", "minor"),
        ("T2", "major"),
    ]
    assert json.loads(rendered("gitlab", hostile()))[0]["location"]["lines"] == {"begin": 1, "end": 7}
