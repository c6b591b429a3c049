"""The words of `lading build` that have a form of their own: build arguments, secrets, agents, contexts, outputs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lading.dockerfile.mount import fields
from lading.errors import LadingError, MalformedError, UnavailableError, UsageError
from lading.oci.image import Descriptor, Platform, parse_platform

MAX_SECRET_BYTES = 512_000  # Docker's own limit


def arguments(given: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return build arguments: `NAME=VALUE`, or `NAME` for the value of the variable of that name, if it is set.

    Raises `UsageError` for one without a name.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name:
            raise UsageError(f"--build-arg {text[:80]!r} has no name", hint="write --build-arg NAME=VALUE")
        if equals:
            found[name] = value
        elif name in environ:
            found[name] = environ[name]
    return found


def platforms(given: Sequence[str]) -> list[Platform | None]:
    """Return platforms: each of `OS/ARCH[/VARIANT]`, with commas between several; None for what is empty.

    Raises `UsageError` for one that is named twice, and for what is none.
    """
    try:
        found = [parse_platform(text) if text else None for one in given for text in one.split(",")]
    except MalformedError as wrong:
        raise UsageError(f"--platform: {wrong.message}", hint=wrong.hint) from wrong
    if len(set(found)) < len(found):
        raise UsageError(f"a platform is named twice: {','.join(given)[:200]}")
    if None in found and len(found) > 1:
        raise UsageError(f"a platform is empty: {','.join(given)[:200]!r}")
    return found


def labels(given: Sequence[str]) -> dict[str, str]:
    """Return labels: `NAME=VALUE`, or `NAME` for an empty one."""
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        if not name:
            raise UsageError(f"--label {text[:80]!r} has no name", hint="write --label NAME=VALUE")
        found[name] = value
    return found


def stages(given: Sequence[str]) -> frozenset[str]:
    """Return the stages that `--no-cache-filter` names: `A,B`, in lower case as stages are."""
    return frozenset(name.strip().lower() for text in given for name in text.split(",") if name.strip())


def bill(text: str) -> Path | None:
    """Return the file that `--sbom` names; None where docker's `--sbom=false` switches it off.

    Raises `argparse.ArgumentTypeError` for what docker takes, and would be the name of a file here.
    """
    if text == "false":
        return None
    if text == "true" or text.startswith("generator="):
        raise argparse.ArgumentTypeError(f"a file is to be named, not {text!r}: --sbom FILE")
    return Path(text)


def metadata(described: Descriptor, config_digest: str, names: Sequence[str]) -> bytes:
    """Return what `--metadata-file` says, as buildx writes it.

    described: the manifest, or the index of several. config_digest: empty for several.
    """
    document = {
        **({"containerimage.config.digest": config_digest} if config_digest else {}),
        "containerimage.descriptor": {
            "mediaType": described.media_type,
            "digest": described.digest,
            "size": described.size,
        },
        "containerimage.digest": described.digest,
        **({"image.name": ",".join(names)} if names else {}),
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def secrets(given: Sequence[str], environ: Mapping[str, str]) -> dict[str, Callable[[], bytes]]:
    """Return by id how each secret is read: `id=NAME[,src=FILE|,env=VARIABLE]`; nothing is read here.

    Without a source, it is the variable of that name, if it is set, else the file. Raises `UsageError`.
    """
    found: dict[str, Callable[[], bytes]] = {}
    for text in given:
        known = _pairs(text, "--secret", {"id", "src", "source", "env", "type"})
        file = known.get("src") or known.get("source") or ""
        name = known.get("id") or Path(file).name
        if not name:
            raise UsageError(f"--secret {text[:80]!r} has no id", hint="write --secret id=NAME,src=FILE")
        kind = known.get("type", "")
        if kind not in {"", "file", "env"}:
            raise UsageError(f"--secret has no type {kind[:80]!r}", hint="file, or env")
        variable = known.get("env") or (file if kind == "env" else "")
        if kind == "env" and file:
            file = ""
        if not file and not variable and kind != "file" and name in environ:
            variable = name
        if variable:
            if variable not in environ:
                raise UsageError(f"the variable {variable} of --secret id={name} is not set")
            found[name] = _constant(environ[variable].encode("utf-8", "surrogateescape"))
        else:
            found[name] = _reader(Path(file or name), name)
    return found


def agents(given: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return by id the sockets of SSH agents: `default`, or `ID[=SOCKET]`.

    Raises `UsageError` where there is no such socket.
    """
    found = {}
    for text in given:
        name, _, path = text.partition("=")
        path = path or environ.get("SSH_AUTH_SOCK", "")
        if not path:
            raise UsageError("no SSH agent is running", "--ssh", "start one, or write --ssh ID=SOCKET")
        if not Path(path).is_socket():
            raise UsageError(
                "not the socket of an SSH agent", path, "keys in files are not taken: add them to an agent"
            )
        found[name or "default"] = str(Path(path).absolute())
    return found


def hosts(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return names with addresses: `NAME:ADDRESS` or `NAME=ADDRESS`. Raises `UsageError`."""
    import ipaddress

    found = []
    for text in given:
        name, sign, address = text.partition("=" if "=" in text else ":")
        try:
            ipaddress.ip_address(address.strip("[]"))
        except ValueError as error:
            raise UsageError(f"--add-host {text[:80]!r}", hint="write --add-host NAME:ADDRESS") from error
        if not name or not sign:
            raise UsageError(f"--add-host {text[:80]!r}", hint="write --add-host NAME:ADDRESS")
        found.append((name, address.strip("[]")))
    return tuple(found)


def _pairs(text: str, option: str, known: set[str]) -> dict[str, str]:
    found = {}
    try:
        parts = fields(text)
    except LadingError as error:
        raise UsageError(error.message, f"{option} {text[:80]}") from error
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals or name not in known:
            raise UsageError(f"{option} has no {part[:80]!r}", hint=f"it takes {', '.join(sorted(known))}")
        found[name] = value
    return found


def _constant(value: bytes) -> Callable[[], bytes]:
    return lambda: value


def _reader(path: Path, name: str) -> Callable[[], bytes]:
    if not path.is_file():
        raise UsageError(f"there is no file {str(path)!r} for --secret id={name}")

    def read() -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_SECRET_BYTES + 1)
        except OSError as error:
            raise UnavailableError(
                f"the secret {name} cannot be read: {error.strerror}", str(path)
            ) from error
        if len(data) > MAX_SECRET_BYTES:
            raise UsageError(f"the secret {name} is larger than {MAX_SECRET_BYTES} bytes", str(path))
        return data

    return read
