from __future__ import annotations

from pathlib import Path

import pytest

from lading.build import files
from lading.build.directory_files import DirectoryFiles


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("app.go", "did you mean App.go?"),
        ("src/mian.go", "did you mean src/main.go?"),
        ("scr/main.go", "did you mean src?"),
        ("src/main.go/x", "did you mean src/main.go?"),
        ("nothing-like-it", ""),
        ("x" * 5000, ""),
    ],
)
def test_near_names(tmp_path: Path, wanted: str, hint: str) -> None:
    (tmp_path / "App.go").write_text("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.go").write_text("")
    error = files.missing(DirectoryFiles(tmp_path), wanted)
    assert str(error) == f"there is no {wanted[-80:]} in the build context"
    assert error.hint == hint


@pytest.mark.parametrize("wanted", ["link", "link/below"])
def test_a_link_to_nowhere_is_called_one(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "link").symlink_to("../outside")
    error = files.missing(DirectoryFiles(tmp_path), wanted)
    assert error.message == f"there is no {wanted} in {DirectoryFiles(tmp_path).title}"
    assert error.hint == "link is a link to ../outside, which is not there"
