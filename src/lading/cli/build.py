"""`lading build CONTEXT`: a Dockerfile becomes an image in the local store, and wherever else it is wanted."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import msgspec

from lading.build import cache_share, compress, limits, order, userns
from lading.build.events import Told
from lading.build.order import Built, Means, Order
from lading.cli import build_options, build_outputs, build_progress, habits, moment, options, reach
from lading.cli.build_outputs import Files
from lading.cli.build_places import Places, places
from lading.cli.build_progress import Progress
from lading.cli.build_shell import Shell
from lading.cli.scanner import Scanner
from lading.cli.slots import Slots
from lading.errors import UnavailableError, UsageError
from lading.oci import blobs
from lading.oci.beside import replacing
from lading.oci.image import Descriptor, Image, Platform, platform_text
from lading.oci.open import Access, open_image
from lading.oci.reference import parse
from lading.oci.target import Target
from lading.oci.write import check, destination, write_images
from lading.settings import Settings

_logger = logging.getLogger(__name__)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "context", metavar="CONTEXT", help="directory, tar archive, git URL, or - for standard input"
    )
    _add_dockerfile(parser)
    _add_commands(parser)
    _add_image(parser)
    _add_scan(parser)
    options.add_common(parser)
    habits.add_build(parser)
    parser.set_defaults(run=run, group="layer", show_suppressed=False, files=False, platform=None)


def _add_dockerfile(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is built")
    group.add_argument("-f", "--file", metavar="FILE", help="the Dockerfile (default: CONTEXT/Dockerfile)")
    group.add_argument("--target", default="", metavar="STAGE", help="the stage to build (default: the last)")
    group.add_argument(
        "--build-arg", action="append", default=[], metavar="NAME[=VALUE]", help="value of an ARG; repeatable"
    )
    group.add_argument(
        "--build-context",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="files for COPY --from=NAME: a directory, git URL, docker-image://REF or oci-layout://DIR",
    )
    group.add_argument(
        "--platform",
        action="append",
        dest="platforms",
        metavar="OS/ARCH",
        help="for what it is built (default: this machine); several, with commas, make one image for all",
    )
    group.add_argument("--pull", action="store_true", help="fetch base images even where they are here")
    group.add_argument("--no-cache", action="store_true", help="carry out every step")
    group.add_argument(
        "--no-cache-filter",
        action="append",
        default=[],
        metavar="STAGE",
        help="carry out every step of this stage; repeatable",
    )
    group.add_argument(
        "--cache-from",
        action="append",
        default=[],
        metavar="TARGET",
        help="steps that others have made: an image, oci:DIR",
    )
    group.add_argument(
        "--cache-to",
        action="append",
        default=[],
        metavar="TARGET",
        help="where to write the steps of this build",
    )


def _add_commands(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("commands (RUN)")
    group.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="id=NAME[,src=FILE|,env=VAR]",
        help="for --mount=type=secret",
    )
    group.add_argument(
        "--ssh", action="append", default=[], metavar="ID[=SOCKET]", help="SSH agent for --mount=type=ssh"
    )
    group.add_argument("--network", choices=("default", "host", "none"), default="default")
    group.add_argument(
        "--add-host", action="append", default=[], metavar="NAME:ADDRESS", help="line of /etc/hosts"
    )
    options.add_limits(group)
    group.add_argument(
        "--allow",
        action="append",
        default=[],
        # The network is the machine's in any case.
        choices=("security.insecure", "network.host"),
        metavar="security.insecure",
        help="what RUN may ask for",
    )
    group.add_argument("--debug-shell", action="store_true", help="where a RUN fails, open a shell there")
    group.add_argument("--jobs", metavar="N", help="steps at once (default: as the machine has processors)")


def _add_image(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the image")
    group.add_argument(
        "-t", "--tag", action="append", default=[], metavar="NAME", help="its name; repeatable"
    )
    group.add_argument("--label", action="append", default=[], metavar="NAME=VALUE", help="repeatable")
    group.add_argument(
        "--timestamp", metavar="SECONDS", help="time of all that is made (also: SOURCE_DATE_EPOCH)"
    )
    group.add_argument(
        "--compression", default="gzip", metavar="FORM[:LEVEL]", help="gzip, zstd or none (default: gzip)"
    )
    group.add_argument("--push", action="store_true", help="write it to the registry of its names, too")
    group.add_argument(
        "--insecure", action="store_true", help="speak http to registries, or accept any certificate"
    )
    group.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="TARGET",
        help="oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, dir:DIR; a directory for its files alone, - for "
        "their tar, or docker's type=...; repeatable",
    )
    group.add_argument("--iidfile", type=Path, metavar="FILE", help="write the image's digest to it")
    group.add_argument(
        "--metadata-file", type=Path, metavar="FILE", help="write its digests and names to it, as JSON"
    )
    group.add_argument(
        "--progress",
        type=build_progress.choice,
        choices=build_progress.CHOICES,
        default="auto",
    )


def _add_scan(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scan")
    group.add_argument("--scan", action="store_true", help="say what is known to be wrong with it")
    group.add_argument(
        "--fail-on", metavar="SEVERITY", help="exit with 1 if a finding is as grave (low .. critical)"
    )
    group.add_argument(
        "--sbom", type=build_options.bill, metavar="FILE", help="write its bill of materials, as CycloneDX"
    )
    options.add_advisories(parser)


def run(args: argparse.Namespace) -> int:
    """Build, and print the digest; return 1 if a finding reaches `--fail-on`, 3 for gaps in the scan, else 0."""
    status = userns.enter([sys.executable, "-m", "lading", *sys.argv[1:]])
    if status is not None:
        return status
    settings = options.settings(args)
    platforms = build_options.platforms(args.platforms or [settings.platform])
    going = _going(args, len(platforms))
    scanning = args.scan or settings.fail_on is not None
    # Till the end: what is written elsewhere has no name here that would keep it.
    with (
        _scanner(args, settings) if scanning or args.sbom else nullcontext() as scanner,
        reach.store(settings).lease(),
    ):
        made = _made(args, settings, going.names, platforms, scanner)
        _written(made, going, args, settings)
        described = _described(made)
        if args.iidfile:
            with replacing(args.iidfile) as file:
                file.write(f"{described.digest}\n".encode())
        if args.metadata_file:
            with replacing(args.metadata_file) as file:
                config = made[0].image.config_digest if len(made) == 1 else ""
                file.write(build_options.metadata(described, config, going.names))
        if not scanning and not going.uses_standard_output:
            print(described.digest)
        if scanner is None:
            return 0
        return max(scanner.report(built.digest, built.image.target, scanning=scanning) for built in made)


def _scanner(args: argparse.Namespace, settings: Settings) -> Scanner:
    """Start what reads each layer while it is written."""

    def serve(slots: Slots, incoming: int, answers: int) -> None:
        from lading.cli import build_scan

        build_scan.serve(slots, incoming, answers, args, settings)

    return Scanner(serve)


class _Going(msgspec.Struct, frozen=True):
    """Where all goes. caches: for the steps, each with what people call it."""

    names: tuple[str, ...]
    targets: tuple[Target, ...]
    files: tuple[Files, ...]
    caches: tuple[tuple[Target, str], ...]
    uses_standard_output: bool


def _going(args: argparse.Namespace, platforms: int) -> _Going:
    """Look at all places that are named, before anything is done. Raises `UsageError`."""
    wanted = build_outputs.outputs(args.output)
    names = tuple(dict.fromkeys(str(parse(name)) for name in (*args.tag, *wanted.names)))
    push = args.push or wanted.push
    if push and not names:
        raise UsageError("there is no name to push to", hint="add -t REGISTRY/NAME")
    if wanted.uses_standard_output and sys.stdout.isatty():
        raise UsageError(
            "a tar is nothing for a terminal", hint="write -o - > FILE, or -o type=tar,dest=FILE"
        )
    if platforms > 1 and (args.sbom or wanted.files):
        what = "--sbom is" if args.sbom else "the files of an image are"
        raise UsageError(f"{what} of one platform", hint="build each by itself, with its own output")
    targets = (*wanted.targets, *(Target("docker", name) for name in names if push))
    for target in targets:
        check(target, platforms)
    caches = [(destination(cache_share.target_of(text, writes=True)), text) for text in args.cache_to]
    return _Going(names, targets, wanted.files, tuple(caches), wanted.uses_standard_output)


def _made(
    args: argparse.Namespace,
    settings: Settings,
    names: tuple[str, ...],
    platforms: Sequence[Platform | None],
    scanner: Scanner | None,
) -> list[Built]:
    """Build, for each platform."""
    shell = Shell() if args.debug_shell else None
    shown = build_progress.progress(args.progress, quiet=args.quiet, color=options.color(args, terminal=True))
    folder = settings.cache_dir / reach.BUILD_FOLDER
    made = []
    with (
        nullcontext() if shell is None else shell.at(shown),
        shown,
        places(
            args.context, args.file or "", args.build_context, lambda: reach.client(settings), folder
        ) as opened,
    ):
        access = reach.access(args, settings)
        clients = reach.Clients(access.client)
        access = dataclasses.replace(access, client=clients)
        means = _means(settings, shown, opened, access)
        onlooker = scanner.onlooker if scanner else None
        means = msgspec.structs.replace(means, stop=clients.stop, onlooker=onlooker, failed=shell)
        for platform in platforms:
            if len(platforms) > 1:
                shown.tell(Told(f"for {platform_text(platform)}"))
            access = dataclasses.replace(access, platform=platform)
            made.append(order.carry_out(_order(args, settings, names, opened, access), means))
    return made


def _described(made: Sequence[Built]) -> Descriptor:
    """Return what names the manifest, or the index of several."""
    images = [built.image for built in made]
    manifests = [blobs.of(image).manifest.descriptor for image in images]
    return manifests[0] if len(manifests) == 1 else blobs.index(images, manifests).descriptor


def _written(made: Sequence[Built], going: _Going, args: argparse.Namespace, settings: Settings) -> None:
    """Write images, files and steps to where they go."""
    access, store = reach.access(args, settings), reach.store(settings)
    for target in going.targets:
        write_images([built.image for built in made], target, access, names=going.names)
    for built in made if going.files else ():
        build_outputs.hand_out(going.files, built.image, store, reach.build_files(settings), built.epoch_s)
    for target, text in going.caches:
        steps = []
        for built in made:
            platform = Platform(built.image.os, built.image.architecture, built.image.variant)
            steps.append(cache_share.image_of(built.finished.steps, store, platform, target=text))
        write_images(steps, target, access)


def _shared(args: argparse.Namespace, access: Access) -> tuple[Image, ...]:
    """Open the caches that others have written; one that cannot be had is a warning."""
    found = []
    for text in args.cache_from:
        target = destination(cache_share.target_of(text, writes=False))
        try:
            found.append(open_image(target, access))
        except UnavailableError as error:
            _logger.warning("--cache-from %s is not used: %s", text, error)
    return tuple(found)


def _order(
    args: argparse.Namespace, settings: Settings, names: tuple[str, ...], opened: Places, access: Access
) -> Order:
    arguments = build_options.arguments(args.build_arg, os.environ)
    return Order(
        dockerfile=opened.main.dockerfile,
        source=opened.main.name,
        arguments=arguments,
        stage=args.target,
        platform=access.platform,
        names=names,
        labels=build_options.labels(args.label),
        images=opened.images,
        secrets=build_options.secrets(args.secret, os.environ),
        agents=build_options.agents(args.ssh, os.environ),
        hosts=build_options.hosts(args.add_host),
        limits=tuple(map(limits.limit, args.ulimit)),
        shm_bytes=limits.size_bytes(args.shm_size),
        network=args.network,
        insecure="security.insecure" in args.allow,
        use_cache=not args.no_cache,
        fresh=build_options.stages(args.no_cache_filter),
        pull=args.pull,
        caches=_shared(args, access),
        epoch_s=moment.timestamp(args.timestamp or arguments.get("SOURCE_DATE_EPOCH", "")),
        compression=compress.parse(args.compression),
        jobs=settings.jobs,
    )


def _means(
    settings: Settings,
    shown: Progress,
    opened: Places,
    access: Access,
) -> Means:
    def fetch(target: Target, platform: Platform) -> Image:
        return open_image(target, dataclasses.replace(access, platform=platform))

    return Means(
        store=reach.store(settings),
        folder=settings.cache_dir / reach.BUILD_FOLDER,
        files=reach.build_files(settings),
        contexts=opened.contexts,
        fetch=fetch,
        elsewhere=opened.elsewhere,
        tell=shown.tell,
    )
