"""Finding out what this machine can do, by doing it: in a cell, so that nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lading.build import syscalls
from lading.build.cell_wire import Found, Probe
from lading.build.overlay_mount import Overlays
from lading.build.run_spec import Overlay
from lading.errors import LadingError


def probe(request: Probe) -> Found:
    """Try everything, in a process that has mounts and processes of its own already."""
    in_namespace = syscalls.in_user_namespace()
    kinds: list[Overlay] = ["userxattr" if in_namespace else "native"]
    if request.fuse:
        kinds.append("fuse")
    return Found(
        namespaces=True,
        overlay=next((kind for kind in kinds if _overlay_works(request, kind)), "none"),
        new_proc=_works(lambda: syscalls.mount("proc", "/proc", "proc")),
        new_network=_works(lambda: syscalls.unshare(syscalls.NEW_NETWORK)),
    )


def _works(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except (LadingError, OSError):
        return False
    return True


def _overlay_works(request: Probe, kind: Overlay) -> bool:
    place = Path(request.directory, kind)
    return _works(lambda: _try_overlay(place, kind, request.fuse))


def _try_overlay(place: Path, kind: Overlay, fuse: str) -> None:
    """Mount, and remove, change and replace what lies in the lower directory."""
    for name in ("lower/directory", "upper", "work", "point", "links"):
        (place / name).mkdir(parents=True)
    (place / "lower/directory/file").touch()
    (place / "lower/file").touch()
    point = place / "point"
    lower, upper, work = (str(place / name) for name in ("lower", "upper", "work"))
    Overlays(place / "links", kind, fuse).mount(point, [lower], upper, work)
    try:
        (point / "directory/file").unlink()
        (point / "directory").rmdir()
        (point / "directory").mkdir()
        (point / "file").chmod(0o600)
        if any((point / "directory").iterdir()):
            raise OSError("what was removed is there again")
    finally:
        syscalls.unmount(str(point))
