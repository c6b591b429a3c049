"""What a test needs from the machine: skipped with a reason where it is missing, failed in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from lading.shellcheck.place import find as find_shellcheck

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
# CI sets it: there everything that can be installed has been, so that a skip would be a lie.
_NO_SKIP = bool(os.environ.get("LADING_NO_SKIP"))


def tool(*names: str) -> pytest.MarkDecorator:
    """Mark a test that runs these programs of the system."""
    lacking = [name for name in names if shutil.which(name) is None]
    return _mark(lacking, "not installed: " + ", ".join(lacking))


def root() -> pytest.MarkDecorator:
    """Mark a test that only root can make sense of: owners, devices, mounts."""
    return _mark([] if os.geteuid() == 0 else ["root"], "only root may do this")


def missing(reason: str) -> NoReturn:
    """Skip the test at hand for a reason that shows while it runs; in CI it fails."""
    if _NO_SKIP:
        pytest.fail(reason)
    pytest.skip(reason)


def shellcheck() -> str:
    """Return the path of ShellCheck, or skip the test."""
    path = find_shellcheck(os.environ)
    if path is None:
        reason = "not installed: shellcheck"
        if _NO_SKIP:
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def mirror() -> Path:
    """Return the folder with real advisories in OSV's layout, or skip the test."""
    return _folder("LADING_TEST_MIRROR", SHARED / "mirror")


def images() -> Path:
    """Return the folder with the small real images, or skip the test."""
    return _folder("LADING_TEST_SMALL_IMAGES", SHARED / "images")


def big_images() -> Path:
    """Return the folder where `make images` put the large images, or skip the test."""
    return _folder("LADING_TEST_IMAGES", ROOT / ".cache" / "images")


def _folder(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable) or default)
    if not path.is_dir():
        missing(f"{variable} names no folder, and {default.name}/ is not there")
    return path


def _mark(lacking: list[str], reason: str) -> pytest.MarkDecorator:
    if lacking and _NO_SKIP:
        return pytest.mark.usefixtures("nothing_may_be_missing")
    return pytest.mark.skipif(bool(lacking), reason=reason)
