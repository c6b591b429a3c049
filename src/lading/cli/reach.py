"""How images are reached, as the settings want it: registries, the local store, and what builds keep in it."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from lading import net
from lading.oci.image import parse_platform
from lading.oci.open import Access
from lading.oci.store import Store
from lading.settings import Settings
from lading.wire import Trust

TARGET_HELP = (
    "an image: a reference (alpine:3.20), oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker-daemon:REF, "
    "containers-storage:REF, dir:DIR; rootfs:DIR; sbom:FILE; or a path to any of these"
)
IMAGE_HELP = (
    "an image: a name in the store or of a registry (alpine:3.20), docker://REF, oci:DIR[:TAG], oci-archive:FILE, "
    "docker-archive:FILE, docker-daemon:REF, containers-storage:REF, dir:DIR"
)
_STORE_FOLDER = "images"
# Below the cache directory: the records of what steps of builds have made.
BUILD_FOLDER = "build"


class Clients:
    """Makes HTTP clients, any number, in any thread; and stops them all."""

    def __init__(self, make: Callable[[], net.Client]) -> None:
        self._make = make
        self._made: list[net.Client] = []
        self._is_over = False
        self._lock = threading.Lock()

    def __call__(self) -> net.Client:
        """Make one."""
        made = self._make()
        with self._lock:
            self._made.append(made)
            if self._is_over:
                made.stop()
        return made

    def stop(self) -> None:
        """Stop those that were made, and those that will be."""
        with self._lock:
            self._is_over = True
            for one in self._made:
                one.stop()


def access(args: argparse.Namespace, settings: Settings) -> Access:
    """Return with what media are reached."""
    return Access(
        client=lambda: client(settings, insecure=True if args.insecure else settings.insecure_registries),
        platform=parse_platform(settings.platform) if settings.platform else None,
        mirrors=settings.registry_mirrors,
        store=store_path(settings),
    )


def store_path(settings: Settings) -> Path:
    """Return where the local store of images is."""
    return settings.data_dir / _STORE_FOLDER


def store(settings: Settings) -> Store:
    """Return the local store of images."""
    return Store(store_path(settings))


def build_files(settings: Settings) -> Path:
    """Return where builds keep files of images: apart for each way in which they can own them.

    Files that root has made are of no use to who has one id, and the other way round.
    """
    from lading.build import syscalls

    ids = syscalls.id_map() if syscalls.is_linux() else ()
    way = "-".join(f"{first}.{outside}.{count}" for first, outside, count in ids)
    return settings.cache_dir / BUILD_FOLDER / f"files-{way or 'plain'}"


def kept(settings: Settings) -> set[str]:
    """Return the digests of the blobs in the store that builds will want again."""
    from lading.build.step_cache import StepCache

    steps = StepCache(settings.cache_dir / BUILD_FOLDER).steps()
    return {record.layer.digest for _, record in steps if record.layer}


def forget_builds(settings: Settings) -> None:
    """Forget what earlier builds have made, and what their commands keep in caches."""
    from lading.build import unpack
    from lading.build.step_cache import StepCache

    folder = settings.cache_dir / BUILD_FOLDER
    StepCache(folder).prune()
    for name in ("mounts", "stat", "elsewhere"):
        if (folder / name).is_dir():
            unpack.remove(folder / name)


def prune_files(settings: Settings, older_than_s: float) -> int:
    """Remove files of images that builds were done with so long ago; return of how many layers.

    Raises `UnavailableError` while a build goes on.
    """
    from lading.build.snapshotter import Snapshotter

    return Snapshotter(build_files(settings), store(settings)).prune(older_than_s)


def may_build(settings: Settings) -> bool:
    """Whether there are files of images that builds have made."""
    return any((settings.cache_dir / BUILD_FOLDER).glob("files-*"))


def client(settings: Settings, *, insecure: bool | Collection[str] = False) -> net.Client:
    """Return an HTTP client as the settings want it; insecure: for all hosts, or for these."""
    if settings.ca_bundle is None:
        return net.client(insecure=insecure)
    hosts = insecure if isinstance(insecure, bool) else frozenset(insecure)
    return net.client(trust=Trust(insecure=hosts, ca_file=str(settings.ca_bundle)))
