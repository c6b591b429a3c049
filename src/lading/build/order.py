"""A build from end to end: what was asked for goes in, an image in the store comes out.

order -> plan -> stages, step by step -> chain of the target -> image, under its names
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from lading.build import assemble, execute, isolation, plan, run_step, transfer_step
from lading.build.bases import Bases, Fetch
from lading.build.cache_share import Shared
from lading.build.chain import LayerRef, key_of
from lading.build.compress import GZIP, Compression
from lading.build.elsewhere import Elsewhere
from lading.build.events import Tell, Told
from lading.build.execute import Finished, Workshop
from lading.build.files import Files
from lading.build.layer_make import LayerMaker, Onlooker
from lading.build.origins import Origins
from lading.build.plan import Plan
from lading.build.run import Control
from lading.build.run_resolve import Resolver
from lading.build.run_spec import SHM_BYTES, Isolation, Limit
from lading.build.run_step import Failed, Runner
from lading.build.snapshotter import Snapshotter
from lading.build.step_cache import StepCache
from lading.build.transfer_step import Carrier
from lading.build.workdir_step import DirectoryMaker
from lading.dockerfile.instruction import Add, Copy, Run, Workdir
from lading.dockerfile.parse import Dockerfile, parse
from lading.dockerfile.scope import Given
from lading.errors import DeniedError, MalformedError, UnavailableError, UsageError
from lading.oci.image import Image, Platform, platform_text, this_platform
from lading.oci.store import Store

# Raised when what a step comes to changes although its key does not.
_FORMAT = 1
_NS = 10**9


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be built. dockerfile: its bytes. source: its path, for notes and messages.

    arguments: `--build-arg`. stage: the target; empty for the last one. images: targets of named contexts that
    are images. caches: from `cache_share`, written by others. epoch_s: the time of everything that is made; None
    for the real times. fresh: stages of which every step is carried out. agents: sockets by id. hosts: names with
    addresses for commands. limits, shm_bytes: of commands. jobs: steps at a time; 0 for one a processor.
    """

    dockerfile: bytes
    source: str = "Dockerfile"
    arguments: Mapping[str, str] = {}
    stage: str = ""
    platform: Platform | None = None
    names: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    images: Mapping[str, str] = {}
    secrets: Mapping[str, Callable[[], bytes]] = {}
    agents: Mapping[str, str] = {}
    hosts: tuple[tuple[str, str], ...] = ()
    limits: tuple[Limit, ...] = ()
    shm_bytes: int = SHM_BYTES
    network: str = "default"
    insecure: bool = False
    use_cache: bool = True
    fresh: frozenset[str] = frozenset()
    pull: bool = False
    caches: tuple[Image, ...] = ()
    epoch_s: int | None = None
    compression: Compression = GZIP
    jobs: int = 0


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """With what it is built.

    store: of images. folder: for what is kept between builds. files: likewise, for files of images, which belong to
    whom this process can give them. contexts: by name, the main one without; each
    gives its files when they are asked for. fetch: opens images elsewhere. elsewhere: brings what ADD names by URL.
    stop: has `fetch`, and the images that it gave, give up. onlooker: looks at each layer as it is written. failed: is
    called where a command has failed.
    """

    store: Store
    folder: Path
    files: Path
    contexts: Mapping[str, Callable[[], Files]]
    fetch: Fetch
    elsewhere: Elsewhere
    stop: Callable[[], None] = lambda: None
    tell: Tell = lambda _event: None
    onlooker: Callable[[], Onlooker] | None = None
    failed: Failed | None = None


class Built(msgspec.Struct, frozen=True):
    """What came of it. digest: of the manifest. epoch_s: the time of everything in it; None for the real times."""

    image: Image
    digest: str
    finished: Finished
    epoch_s: int | None = None


def carry_out(order: Order, means: Means) -> Built:
    """Build an image, and keep it in the store.

    Raises what is wrong with the Dockerfile, a base, a source or a command; `FailedError` for a command with
    an exit status. However it ends, nothing is left half-written, mounted or running.
    """
    platform = order.platform or this_platform()
    here = platform_text(this_platform())
    given = Given(
        arguments=dict(order.arguments), build=here, target=platform_text(platform), stage=order.stage
    )
    snapshotter = Snapshotter(means.files, means.store)
    with means.store.lease(), snapshotter.lease():
        bases = Bases(
            means.store,
            means.fetch,
            platform,
            contexts=order.images,
            pull=order.pull,
            told=lambda line: means.tell(Told(line)),
        )
        names = frozenset({*means.contexts, *order.images} - {""})
        file = parse(order.dockerfile)
        _check_stages(file, order.fresh)
        made = plan.make(file, given, names, bases.look_up)
        _check_flags(made, order)
        for name in made.unused:
            means.tell(Told(f"no ARG asks for the build argument {name}", warning=True))
        finished = execute.build(made, _workshop(order, means, bases, snapshotter, platform))
        image = _image(finished, order, means.store)
        digest = means.store.put(image, order.names)
    return Built(image, digest, finished, order.epoch_s)


def _check_stages(file: Dockerfile, wanted: frozenset[str]) -> None:
    """Raise `UsageError` for a stage that is wanted afresh, and not there."""
    known = {str(stage.index) for stage in file.stages} | {stage.name for stage in file.stages if stage.name}
    for name in sorted(wanted - known):
        raise UsageError(f"there is no stage {name[:80]!r} to carry out anew", hint="see --no-cache-filter")


def _check_flags(made: Plan, order: Order) -> None:
    """Look at the flags of all steps: what is wrong is not to be found out behind an hour of other steps."""
    for stage in made.stages:
        for step in stage.steps:
            if isinstance(step.instruction, Run):
                run_step.check(step, insecure=order.insecure)
            elif isinstance(step.instruction, Copy | Add):
                transfer_step.check(step)


def _image(finished: Finished, order: Order, store: Store) -> Image:
    chain = finished.chain
    if order.labels:
        labels = {**(chain.state.execution.get("Labels") or {}), **order.labels}
        chain = msgspec.structs.replace(chain, state=chain.state.with_(Labels=labels))
    created = finished.created if order.epoch_s is None else _text(order.epoch_s)
    target = order.names[0] if order.names else order.source
    return assemble.image(chain, store, created=created or _text(time.time()), target=target)


def _workshop(
    order: Order, means: Means, bases: Bases, snapshotter: Snapshotter, platform: Platform
) -> Workshop:
    control = Control()

    def stop() -> None:
        control.stop()
        means.elsewhere.stop()
        means.stop()

    cache = StepCache(means.folder)
    shared = Shared(order.caches, cache)
    origins = Origins(snapshotter, bases, cache, means.contexts, frozenset(order.images))
    maker = LayerMaker(
        store=means.store,
        snapshotter=snapshotter,
        compression=order.compression,
        mtime_s=order.epoch_s,
        onlooker=means.onlooker,
        stopped=lambda: control.stopped,
    )
    now_ns = partial(_now_ns, order)
    salt = key_of(_FORMAT, order.epoch_s, order.compression, platform_text(platform))
    runner = _runner(order, means, control, origins, maker)
    carrier = Carrier(
        snapshotter=snapshotter,
        maker=maker,
        origins=origins,
        cache=cache,
        elsewhere=means.elsewhere,
        tell=means.tell,
        now_ns=now_ns,
        salt=salt,
    )
    directories = DirectoryMaker(snapshotter, maker, origins.accounts, now_ns)
    return Workshop(
        store=means.store,
        cache=cache,
        bases=bases,
        prepare={
            Run: runner.prepare,
            Copy: carrier.prepare,
            Add: carrier.prepare,
            Workdir: directories.prepare,
        },
        platform=platform,
        source=order.source,
        tell=means.tell,
        now=lambda: _text(now_ns() / _NS),
        on_stop=stop,
        bring=lambda layer: _brought(layer, shared, means),
        salt=salt,
        use_cache=order.use_cache,
        fresh=order.fresh,
        jobs=order.jobs,
    )


def _runner(order: Order, means: Means, control: Control, origins: Origins, maker: LayerMaker) -> Runner:
    return Runner(
        isolation=_Once(lambda: _isolation(means)),
        control=control,
        snapshotter=maker.snapshotter,
        maker=maker,
        resolver=Resolver(origins, means.folder / "mounts", order.secrets, order.agents),
        tell=means.tell,
        network=order.network,
        insecure=order.insecure,
        arguments=order.arguments,
        hosts=order.hosts,
        limits=order.limits,
        shm_bytes=order.shm_bytes,
        one_id=isolation.has_one_id(),
        failed=means.failed,
    )


def _isolation(means: Means) -> Isolation:
    found = isolation.probe(means.files)
    if found.one_id:
        text = "there is one id alone: what a RUN gives to others stays root's; ids in /etc/subuid would do"
        means.tell(Told(text, warning=True))
    return found


def _brought(layer: LayerRef, shared: Shared, means: Means) -> bool:
    """Bring a layer from a cache that others have written; what cannot be had there is made here."""
    try:
        return shared.bring(layer, means.store)
    except (UnavailableError, DeniedError, MalformedError) as error:
        means.tell(Told(f"a layer of --cache-from is not used: {error}", warning=True))
        return False


class _Once:
    """Finds out what the machine can do when it is first asked, in whichever thread."""

    def __init__(self, probe: Callable[[], Isolation]) -> None:
        self._probe = probe
        self._known: Isolation | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Isolation:
        with self._lock:
            if self._known is None:
                self._known = self._probe()
            return self._known


def _now_ns(order: Order) -> int:
    return time.time_ns() if order.epoch_s is None else order.epoch_s * _NS


def _text(epoch_s: float) -> str:
    """Return a moment as RFC 3339, in UTC, to the microsecond where it has some."""
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC).isoformat().replace("+00:00", "Z")
