"""Options that people type by habit, coming from docker, podman, buildah or kaniko.

One that asks for what is done anyway is taken; any other is an error that says what to do instead. None of them is
in the help.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from lading.cli import tell

_NO_MATTER = ("rm", "force-rm", "load", "layers", "disable-content-trust")
_OFF = ("false", "0", "disabled")

_LIMIT = "commands have the machine's memory and processors: hold the whole build to less with systemd-run or a container"
_DAEMON = "leave it out: there is no daemon, and no builder"
_CONFIDED = "leave it out: RUN --security=insecure with --allow security.insecure gives a command all rights"

# Option of `lading build` -> what to do instead.
BUILD = {
    "squash": "layers are kept as they are: for one layer, end with FROM scratch and COPY --from=STAGE / /",
    "squash-all": "for one layer, end with FROM scratch and COPY --from=STAGE / /",
    "check": "ask `lading lint`",
    "compress": "leave it out: nothing is sent anywhere",
    "stream": "leave it out: nothing is sent anywhere",
}
BUILD_WITH_VALUE = {
    "provenance": "no provenance is made; --sbom FILE writes a bill of materials",
    "attest": "no attestations are made; --sbom FILE writes a bill of materials",
    "annotation": "layers have annotations of their own; give the image a --label",
    "builder": _DAEMON,
    "cgroup-parent": _LIMIT,
    "memory": _LIMIT,
    "memory-swap": _LIMIT,
    "cpu-shares": _LIMIT,
    "cpu-quota": _LIMIT,
    "cpu-period": _LIMIT,
    "cpuset-cpus": _LIMIT,
    "cpuset-mems": _LIMIT,
    "isolation": "leave it out: crun, runc or bwrap isolates, whichever is there",
    "security-opt": _CONFIDED,
    "cap-add": _CONFIDED,
    "cap-drop": "leave it out",
    "call": "ask `lading lint`",
    "volume": "write RUN --mount=type=bind in the Dockerfile, and --build-context NAME=DIRECTORY",
    "format": "images are OCI's; -o docker-archive:FILE writes one for docker load",
    "creds": "log in with docker, podman or skopeo: their credentials are used",
    "authfile": "set REGISTRY_AUTH_FILE",
    "destination": "write -t NAME --push",
    "dockerfile": "write -f FILE",
    "context": "the context is the last word: lading build DIRECTORY",
    "cache-repo": "write --cache-from REFERENCE --cache-to REFERENCE",
    "digest-file": "write --iidfile FILE",
}
BUILD_SHORT = {"m": "memory", "v": "volume"}

_NETWORK = "a container has the machine's network: its ports are there already"
_ENDS = "a container is there as long as its command, and nothing is kept of it"
RUN = {
    "detach": f"{_ENDS}: end the line with & to have it in the background",
    "publish-all": f"leave it out: {_NETWORK}",
    "privileged": "leave it out: containers have the rights of a sandbox",
    "init": "leave it out, or begin the command with an init that the image has",
    "no-healthcheck": "leave it out: health is not checked",
}
RUN_WITH_VALUE = {
    "publish": f"leave it out: {_NETWORK}",
    "expose": f"leave it out: {_NETWORK}",
    "link": f"leave it out: {_NETWORK}",
    "name": f"leave it out: {_ENDS}",
    "label": f"leave it out: {_ENDS}",
    "restart": f"leave it out: {_ENDS}",
    "cidfile": f"leave it out: {_ENDS}",
    "pull": "fetch it with `lading pull IMAGE`",
    "memory": "hold it to less with systemd-run",
    "cpus": "hold it to less with systemd-run",
    "cap-add": "leave it out: containers have the rights of a sandbox",
    "cap-drop": "leave it out",
    "security-opt": "leave it out: containers have the rights of a sandbox",
    "device": "devices of the machine are not handed on",
    "gpus": "devices of the machine are not handed on",
    "volumes-from": "write -v SOURCE:TARGET",
    "log-driver": "leave it out: the output is this command's own",
    "stop-signal": "leave it out: signals are passed on as they come",
    "stop-timeout": "leave it out: signals are passed on as they come",
}
RUN_SHORT = {"d": "detach", "p": "publish", "P": "publish-all", "m": "memory", "l": "label"}


_ALL_TAGS = "name the tags, one by one"
# Command -> options that ask for what is done anyway; options with a value -> what to do instead; those without.
OTHERS: dict[str, tuple[tuple[str, ...], dict[str, str], dict[str, str]]] = {
    "images": (
        ("-a", "--all", "--digests"),
        {"--filter": "name an image, or pick from --format json"},
        {},
    ),
    "inspect": (
        (),
        {"-f": "what comes is JSON: pick from it with jq", "--format": "pick from the JSON with jq"},
        {},
    ),
    "prune": (("-f", "--force"), {"--filter": "there is no choice but --all and without"}, {}),
    "pull": ((), {}, {"-a": _ALL_TAGS, "--all-tags": _ALL_TAGS}),
    "push": ((), {}, {"-a": _ALL_TAGS, "--all-tags": _ALL_TAGS}),
}

_GONE = "a container is there as long as its `lading run`, and nothing is kept of it"
# What is a command elsewhere -> what to do here.
COMMANDS = {
    "rmi": "`lading rm NAME`",
    "save": "`lading push NAME docker-archive:FILE`",
    "load": "`lading tag docker-archive:FILE NAME`",
    "import": "`lading build` with FROM scratch and ADD FILE.tar /",
    "export": "`lading build -o DIRECTORY`",
    "login": "log in with docker, podman or skopeo: their credentials are used",
    "logout": "log out with docker, podman or skopeo: their credentials are used",
    "image": "`lading images`, `inspect`, `history`, `rm` or `prune`",
    "buildx": "`lading build`",
    "builder": "`lading build`, and `lading prune`",
    "bud": "`lading build`",
    "bake": "`lading build --target STAGE`, for each",
    "compose": "`lading build`, for each",
    "system": "`lading prune`",
    "container": "`lading run`",
    "cp": "`lading build -o DIRECTORY` writes the files of an image",
    "commit": "write a Dockerfile, and `lading build` it",
    "copy": "`lading pull` and `lading push`",
    "version": "`lading --version`",
    "help": "`lading --help`",
    **dict.fromkeys(
        ("ps", "exec", "logs", "start", "stop", "kill", "attach", "create", "restart", "wait"), _GONE
    ),
}


def add(parser: argparse.ArgumentParser, command: str) -> None:
    """Declare what is typed by habit behind one of `OTHERS`."""
    taken, valued, plain = OTHERS[command]
    if taken:
        parser.add_argument(*taken, dest="_", action="store_true", help=argparse.SUPPRESS)
    for nargs, hints in ((None, valued), (0, plain)):
        for word, hint in hints.items():
            parser.add_argument(
                word, nargs=nargs, action=_Refused, const=hint, dest="_", help=argparse.SUPPRESS
            )


def no_command(parser: argparse.ArgumentParser, word: str, known: Sequence[str]) -> NoReturn:
    """Say that a word is no command, and end the program."""
    import difflib

    near = difflib.get_close_matches(word, known, 1)
    hint = f"did you mean {near[0]}?" if near else "`lading --help` lists what there is"
    refuse(parser, f"there is no command {word[:80]!r}", COMMANDS.get(word, hint))


def add_build(parser: argparse.ArgumentParser) -> None:
    """Declare what is typed by habit behind `lading build`."""
    for name in _NO_MATTER:
        parser.add_argument(f"--{name}", dest="_", action="store_true", help=argparse.SUPPRESS)
        _add_values(parser, name, "_")
    for name in ("pull", "no-cache", "push", "quiet"):
        _add_values(parser, name, name.replace("-", "_"))
    parser.add_argument("--tls-verify=false", dest="insecure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--tls-verify", "--tls-verify=true", dest="_", action="store_true", help=argparse.SUPPRESS
    )
    _refuse(parser, BUILD, BUILD_WITH_VALUE, BUILD_SHORT)


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare what is typed by habit behind `lading run`."""
    _refuse(parser, RUN, RUN_WITH_VALUE, RUN_SHORT)


def _add_values(parser: argparse.ArgumentParser, name: str, dest: str) -> None:
    """Have a flag take docker's `--NAME=true` and `--NAME=false`."""
    # argparse looks for the whole word first, so that these are options of their own.
    for value, action in (("true", "store_true"), ("false", "store_false")):
        parser.add_argument(f"--{name}={value}", dest=dest, action=action, help=argparse.SUPPRESS)


def _refuse(
    parser: argparse.ArgumentParser,
    plain: Mapping[str, str],
    valued: Mapping[str, str],
    short: Mapping[str, str],
) -> None:
    letters = {name: letter for letter, name in short.items()}
    for name, hint in (*plain.items(), *valued.items()):
        words = [f"--{name}", *([f"-{letters[name]}"] if name in letters else [])]
        nargs: int | None = 0 if name in plain else None
        parser.add_argument(
            *words, nargs=nargs, action=_Refused, const=hint, dest="_", help=argparse.SUPPRESS
        )


class _Refused(argparse.Action):
    """Ends the program with what to do instead; what switches off what is not done anyway is passed over."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - argparse calls it so
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        if values not in _OFF:
            refuse(parser, f"{option_string} is not supported", str(self.const))


def refuse(parser: argparse.ArgumentParser, text: str, hint: str) -> NoReturn:
    """Say what is wrong with how the program was called, and end it."""
    tell.line(text, hint)
    parser.exit(2)
    raise AssertionError


def unknown(parser: argparse.ArgumentParser, words: Sequence[str]) -> NoReturn:
    """Say that there are no such options, or no place for such words, and end the program."""
    import difflib

    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    shown = f"`{parser.prog} --help` lists what there is"
    if not options:
        refuse(parser, f"nothing more is expected behind the command: {' '.join(words)[:200]}", shown)
    known = [text for text in parser._option_string_actions if "=" not in text]  # noqa: SLF001 - there is no other way
    near = difflib.get_close_matches(options[0], known, 1)
    refuse(
        parser,
        f"{parser.prog} has no option {options[0][:80]}",
        f"did you mean {near[0]}?" if near else shown,
    )
