"""`lading build CONTEXT`: a Dockerfile becomes an image in the local store, and wherever else it is wanted."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from lading import scan
from lading.build import cache_share, compress, order, userns
from lading.build.order import Built, Means, Order
from lading.build.run_step import Failed
from lading.cli import build_options, build_progress, moment, options, output, reach, stages, tell
from lading.cli.build_places import Places, places
from lading.cli.build_progress import Progress
from lading.cli.build_shell import Shell
from lading.cli.output import Sink
from lading.errors import UnavailableError, UsageError
from lading.oci.beside import replacing
from lading.oci.image import Image, Platform, parse_platform
from lading.oci.open import Access, open_image
from lading.oci.reference import parse
from lading.oci.target import Target
from lading.oci.write import destination, write_image
from lading.policy.threshold import exceeds
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
    parser.set_defaults(run=run, group="layer", show_suppressed=False, files=False)


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
    group.add_argument("--platform", metavar="OS/ARCH", help="for what it is built (default: this machine)")
    group.add_argument("--pull", action="store_true", help="fetch base images even where they are here")
    group.add_argument("--no-cache", action="store_true", help="carry out every step")
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
    group.add_argument(
        "--allow", action="append", default=[], choices=("security.insecure",), help="what RUN may ask for"
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
        help="oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, dir:DIR; repeatable",
    )
    group.add_argument("--iidfile", type=Path, metavar="FILE", help="write the image's digest to it")
    group.add_argument("--progress", choices=build_progress.CHOICES, default="auto")


def _add_scan(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scan")
    group.add_argument("--scan", action="store_true", help="say what is known to be wrong with it")
    group.add_argument(
        "--fail-on", metavar="SEVERITY", help="exit with 1 if a finding is as grave (low .. critical)"
    )
    group.add_argument("--sbom", type=Path, metavar="FILE", help="write its bill of materials, as CycloneDX")
    options.add_advisories(parser)


def run(args: argparse.Namespace) -> int:
    """Build, and print the digest; return 1 if a finding reaches `--fail-on`, 3 for gaps in the scan, else 0."""
    status = userns.enter([sys.executable, "-m", "lading", *sys.argv[1:]])
    if status is not None:
        return status
    settings = options.settings(args)
    names = tuple(str(parse(name)) for name in args.tag)
    shell = Shell() if args.debug_shell else None
    if args.push and not names:
        raise UsageError("--push needs a name", hint="add -t REGISTRY/NAME")
    targets = [destination(text) for text in args.output]
    if args.push:
        targets += [Target("docker", name) for name in names]
    shown = build_progress.progress(args.progress, quiet=args.quiet, color=options.color(args, terminal=True))
    folder = settings.cache_dir / reach.BUILD_FOLDER
    with (
        nullcontext() if shell is None else shell.at(shown),
        shown,
        places(
            args.context, args.file or "", args.build_context, lambda: reach.client(settings), folder
        ) as opened,
    ):
        built = order.carry_out(
            _order(args, settings, names, opened), _means(args, settings, shown, opened, failed=shell)
        )
    access = reach.access(args, settings)
    for target in targets:
        write_image(built.image, target, access, names=names)
    _share(built, args, settings, access)
    if args.iidfile:
        with replacing(args.iidfile) as file:
            file.write(f"{built.digest}\n".encode())
    scanning = args.scan or settings.fail_on is not None
    if not scanning:
        print(built.digest)
    return _scanned(built, args, settings, scanning=scanning)


def _share(built: Built, args: argparse.Namespace, settings: Settings, access: Access) -> None:
    """Write the steps of a build where others can use them."""
    for text in args.cache_to:
        target = destination(cache_share.target_of(text, writes=True))
        platform = Platform(built.image.os, built.image.architecture, built.image.variant)
        steps = cache_share.image_of(built.finished.steps, reach.store(settings), platform, target=text)
        write_image(steps, target, access)


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


def _order(args: argparse.Namespace, settings: Settings, names: tuple[str, ...], opened: Places) -> Order:
    arguments = build_options.arguments(args.build_arg, os.environ)
    return Order(
        dockerfile=opened.main.dockerfile,
        source=opened.main.name,
        arguments=arguments,
        stage=args.target,
        platform=parse_platform(settings.platform) if settings.platform else None,
        names=names,
        labels=build_options.labels(args.label),
        images=opened.images,
        secrets=build_options.secrets(args.secret, os.environ),
        agents=build_options.agents(args.ssh, os.environ),
        hosts=build_options.hosts(args.add_host),
        network=args.network,
        insecure="security.insecure" in args.allow,
        use_cache=not args.no_cache,
        pull=args.pull,
        caches=_shared(args, reach.access(args, settings)),
        epoch_s=moment.timestamp(args.timestamp or arguments.get("SOURCE_DATE_EPOCH", "")),
        compression=compress.parse(args.compression),
        jobs=settings.jobs,
    )


def _means(
    args: argparse.Namespace, settings: Settings, shown: Progress, opened: Places, *, failed: Failed | None
) -> Means:
    access = reach.access(args, settings)

    def fetch(target: Target, platform: Platform) -> Image:
        return open_image(target, dataclasses.replace(access, platform=platform))

    scanning = args.scan or args.fail_on or args.sbom
    return Means(
        store=reach.store(settings),
        folder=settings.cache_dir / reach.BUILD_FOLDER,
        files=reach.build_files(settings),
        contexts=opened.contexts,
        fetch=fetch,
        elsewhere=opened.elsewhere,
        tell=shown.tell,
        onlooker=scan.onlooker(stages.cache_path(settings)) if scanning else None,
        failed=failed,
    )


def _scanned(built: Built, args: argparse.Namespace, settings: Settings, *, scanning: bool) -> int:
    if not scanning and not args.sbom:
        return 0
    found = scan.take_inventory(
        built.image, stages.cache_path(settings), jobs=settings.jobs, today=moment.today()
    )
    if args.sbom:
        output.write(scan.bill(found), [Sink("cyclonedx", args.sbom)], args)
    if not scanning:
        return 0
    judged = stages.judge(found, stages.rules(settings), args, settings)
    output.write(judged.report, [Sink("table", None)], args)
    if settings.fail_on and exceeds(judged.report.findings, settings.fail_on, only_fixed=False):
        return 1
    for gap in judged.gaps:
        tell.line(gap)
    return 3 if judged.gaps else 0
