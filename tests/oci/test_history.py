from __future__ import annotations

from pathlib import Path

import pytest

import imaging
from lading.oci import layout, rootfs
from lading.oci.history import steps

LAYERS = [imaging.tar({"a": b"1"}), imaging.tar({"b": b"2"})]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(
            [{"created_by": "A", "created": "2024"}, {"created_by": "ENV", "empty_layer": True, "comment": "c"}, {"created_by": "B"}],
            [("A", "2024", "", 1), ("ENV", "", "c", 0), ("B", "", "", 2)],
            id="empty-between",
        ),
        pytest.param([{"created_by": "A"}, {"created_by": "B"}, {"empty_layer": True}], [("A", "", "", 1), ("B", "", "", 2), ("", "", "", 0)], id="empty-last"),
        pytest.param([{"created_by": "A"}], [("", "", "", 1), ("", "", "", 2)], id="too-short"),
        pytest.param([{"created_by": "A"}] * 3, [("", "", "", 1), ("", "", "", 2)], id="too-long"),
        pytest.param(None, [("", "", "", 1), ("", "", "", 2)], id="none"),
        pytest.param([{"created_by": None, "created": None, "comment": None}] * 2, [("", "", "", 1), ("", "", "", 2)], id="nulls"),
    ],
)  # fmt: skip
def test_steps(tmp_path: Path, history: object, expected: list[tuple[str, str, str, int]]) -> None:
    imaging.write_layout(tmp_path, LAYERS, history=history)
    image = layout.open_image(tmp_path, "", None, "x")
    found = steps(image)
    assert [(step.created_by, step.created, step.comment, step.number) for step in found] == expected
    assert [step.layer for step in found if step.number] == list(image.layers)
    assert all(step.layer is None for step in found if not step.number)


def test_a_directory_has_one(tmp_path: Path) -> None:
    (step,) = steps(rootfs.open_image(tmp_path, "x"))
    assert (step.number, step.created_by) == (1, "")
