from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lading.errors import DeniedError, UnavailableError
from lading.oci import store_lock


def test_shared_by_many_alone_by_one(tmp_path: Path) -> None:
    lock, told = tmp_path / "store" / ".lease", []
    with store_lock.shared(lock, lambda: told.append(1)):
        with store_lock.shared(lock, lambda: told.append(2)):
            pass
        with pytest.raises(UnavailableError, match="in use"), store_lock.sole(lock, 0):
            pass
    assert told == [1]
    with store_lock.sole(lock, 0), pytest.raises(UnavailableError), store_lock.sole(lock, 0.1):
        pass


def test_exclusive_waits(tmp_path: Path) -> None:
    order: list[int] = []

    def second() -> None:
        with store_lock.exclusive(tmp_path / "lock"):
            order.append(2)

    with store_lock.exclusive(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.1)
        order.append(1)
    thread.join()
    assert order == [1, 2]


def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, time\nfrom lading.oci import store_lock\n"
        "with store_lock.sole(pathlib.Path(sys.argv[1]), 0):\n    print('held', flush=True)\n    time.sleep(100)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(UnavailableError), store_lock.sole(tmp_path / "lock", 0):
            pass
        process.kill()
        process.wait()
    with store_lock.sole(tmp_path / "lock", 0):
        pass


def test_where_no_lock_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UnavailableError, match="cannot be locked"),
        store_lock.exclusive(tmp_path / "file" / "lock"),
    ):
        pass


def test_a_store_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may everything, so that the system's answer is made here."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with (
        pytest.raises(DeniedError, match="no permission to change the store"),
        store_lock.exclusive(tmp_path / "lock"),
    ):
        pass
