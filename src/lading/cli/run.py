"""`lading run IMAGE`: a container of an image, for trying it; what it changes is lost."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lading.build import container, limits, userns
from lading.build.run import Control
from lading.build.snapshotter import Snapshotter
from lading.cli import build_options, habits, options, reach, tell
from lading.errors import UsageError
from lading.oci.image import Image
from lading.oci.open import open_image, recognise_image
from lading.oci.store import Store

_PASSED_ON = (
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH,
)  # fmt: skip
_END = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 3
# These mean nothing to us: what they would do to a process that knows nothing of them is for the container alone.
_HARMLESS = frozenset({signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH})
# Of the terminal that a person sits at, which has another size, or is ours again.
_LOOKS = (signal.SIGWINCH, signal.SIGCONT)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("image", metavar="IMAGE", help=reach.IMAGE_HELP)
    parser.add_argument(
        "command",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="what to run (default: as the image says)",
    )
    group = parser.add_argument_group("container")
    group.add_argument(
        "-u", "--user", default="", metavar="USER[:GROUP]", help="who runs it, by name or number"
    )
    group.add_argument("-w", "--workdir", default="", metavar="DIRECTORY", help="where it runs")
    group.add_argument("--entrypoint", metavar="PROGRAM", help="in place of the image's")
    group.add_argument(
        "-e", "--env", action="append", default=[], metavar="NAME[=VALUE]", help="a variable; repeatable"
    )
    group.add_argument(
        "--env-file", action="append", default=[], type=Path, metavar="FILE", help="variables, a line each"
    )
    group.add_argument(
        "-v",
        "--volume",
        action="append",
        default=[],
        metavar="SOURCE:TARGET[:ro]",
        help="a directory or file of the machine",
    )
    group.add_argument(
        "--mount",
        action="append",
        default=[],
        metavar="type=bind,source=SOURCE,target=TARGET[,readonly]",
        help="the same in docker's longer form; or type=tmpfs,target=TARGET",
    )
    group.add_argument(
        "--tmpfs",
        action="append",
        default=[],
        metavar="TARGET[:size=SIZE]",
        help="an empty directory in memory",
    )
    group.add_argument("--read-only", action="store_true", help="let nothing in the image be written to")
    group.add_argument("--network", "--net", choices=("host", "none"), default="host")
    group.add_argument("--hostname", default="lading", metavar="NAME", help="what it is called")
    group.add_argument(
        "--add-host", action="append", default=[], metavar="NAME:ADDRESS", help="line of /etc/hosts"
    )
    options.add_limits(group)
    group.add_argument(
        "-t", "--tty", action="store_true", help="give it a terminal, if there is a person at one"
    )
    group.add_argument("-i", "--interactive", action="store_true", help="hand standard input on")
    group.add_argument("--rm", action="store_true", help="nothing is kept in any case: for those used to it")
    options.add_access(parser)
    options.add_common(parser)
    habits.add_run(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the container; return its status, 128 and the number for a signal, 125 never: that is an error of ours."""
    status = userns.enter([sys.executable, "-m", "lading", *sys.argv[1:]])
    if status is not None:
        return status
    settings = options.settings(args)
    at_terminal = os.isatty(0)
    if args.tty and args.interactive and not at_terminal:
        raise UsageError("-t needs a terminal to read from", hint="for another standard input: -i alone")
    wanted = container.Wanted(
        command=tuple(args.command[1:] if args.command[:1] == ["--"] else args.command),
        entrypoint=args.entrypoint,
        variables=container.variables(args.env, args.env_file, os.environ),
        user=args.user,
        directory=args.workdir,
        mounts=(
            *map(container.volume, args.volume),
            *map(container.mount, args.mount),
            *map(container.memory, args.tmpfs),
        ),
        read_only=args.read_only,
        network=args.network,
        hostname=args.hostname,
        hosts=build_options.hosts(args.add_host),
        limits=tuple(map(limits.limit, args.ulimit)),
        shm_bytes=limits.size_bytes(args.shm_size),
        terminal=args.tty and at_terminal,
    )
    store = reach.store(settings)
    files = reach.build_files(settings)
    control = Control()
    if not args.interactive and not wanted.terminal:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with store.lease(), _passed_on(control):
        image = _kept(open_image(recognise_image(args.image), reach.access(args, settings)), store)
        outcome = container.run(image, wanted, Snapshotter(files, store), files, control)
    # What cannot be found or started the runtime has said itself.
    if outcome.message and outcome.status not in {126, 127}:
        tell.line(outcome.message)
    return outcome.status


def _kept(image: Image, store: Store) -> Image:
    """Return an image with its layers in the store."""
    if all(layer.digest and store.has(layer.digest) for layer in image.layers):
        return image
    return store.open_image(store.put(image, image.names))


@contextmanager
def _passed_on(control: Control) -> Iterator[None]:
    """Have signals that come to us go to the container; with the third that asks it to end, it is ended.

    What is process 1 and does not say what a signal means to it is not reached by it. Where there is no container
    yet, or no longer, they end us: raises `KeyboardInterrupt`, or `SystemExit`, then.
    """
    asked = 0

    def passed(sent: int, _frame: FrameType | None) -> None:
        nonlocal asked
        # What is told of the terminal is for who shows it, where there is one.
        if (sent in _LOOKS and control.refresh()) or sent not in _PASSED_ON:
            return
        asked += sent in _END
        if asked >= _PATIENCE:
            control.stop()
            control.stop()
        elif control.signal(sent) or sent in _HARMLESS:
            return
        elif sent == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            raise SystemExit(128 + sent)

    before = {number: signal.signal(number, passed) for number in {*_PASSED_ON, *_LOOKS}}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
