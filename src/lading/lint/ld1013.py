"""LD1013: a file from the network that nothing checks."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Run
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg, Invocation, Script
from lading.lint.subject import Subject

_CHECKERS = frozenset(
    {
        "b2sum", "b3sum", "cksum", "cosign", "gpg", "gpgv", "md5sum", "minisign", "rekor-cli", "sha1sum",
        "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shasum", "signify", "slsa-verifier", "openssl",
    }
)  # fmt: skip
_UNPACKERS = frozenset(
    {"apk", "bsdtar", "bunzip2", "cpio", "dpkg", "gunzip", "gzip", "tar", "unxz", "unzip", "xz", "zcat"}
)
# Lists and keys are what signatures are checked with; whoever has these has decided whom to trust.
_TRUST = (".asc", ".gpg", ".key", ".pub", ".pem", ".sig", ".sha256", ".sha512", ".list", ".repo")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every download to a file or an unpacker in a step that checks nothing, and ADD without a checksum."""
    for add in subject.all(Add):
        for source in add.sources if add.flag("checksum") is None else ():
            text = subject.expanded(source, add) or source.value
            if text.startswith(("http://", "https://")) and not text.partition("#")[0].endswith(
                (".git", *_TRUST)
            ):
                yield Found(source.span, "nothing checks what this is: add --checksum=sha256:...")
    for run in subject.all(Run):
        scripts = subject.scripts(run)
        if not any(one.unwrapped.name in _CHECKERS for script in scripts for one in script.commands):
            for script in scripts:
                yield from _downloads(script)


def _downloads(script: Script) -> Iterator[Found]:
    for command in script.commands:
        if command.unwrapped.name not in {"curl", "wget"}:
            continue
        url = _url(command.unwrapped)
        if url is not None and (_saves(command.unwrapped) or _is_unpacked(script, command)):
            message = "nothing checks what this is: compare it with a checksum (sha256sum -c) in the same RUN"
            yield Found(url.span, message)


def _url(command: Invocation) -> Arg | None:
    """Return the first address that is not a key or the like."""
    for arg in command.args:
        if arg.text.startswith(("http://", "https://")):
            local = arg.text.partition("//")[2].startswith(("localhost", "127.0.0.1", "[::1]"))
            return None if local or arg.text.partition("?")[0].endswith(_TRUST) else arg
    return None


def _saves(command: Invocation) -> bool:
    if any(one.operator in {">", ">|"} and not _is_nothing(one.target) for one in command.redirections):
        return True
    dashed = [text for text in command.texts if text.endswith("-")]
    outputs = [
        b for a, b in zip(command.texts, command.texts[1:], strict=False) if _takes_output(command.name, a)
    ]
    # `-o-` and `-qO-` have the value in the same word.
    if any(_is_sink(one) for one in outputs) or any(_takes_output(command.name, one[:-1]) for one in dashed):
        return False
    if command.name == "curl":
        return command.has_flag("o", "O", "output", "remote-name", "J", "remote-header-name")
    return not command.has_flag("spider") and "--output-document=-" not in command.texts


def _takes_output(name: str, text: str) -> bool:
    short = (
        text.startswith("-") and not text.startswith("--") and text.endswith("o" if name == "curl" else "O")
    )
    return short or text in {"--output", "--output-document"}


def _is_sink(text: str) -> bool:
    return text in {"-", "/dev/null", "/dev/stdout"}


def _is_nothing(target: Arg | None) -> bool:
    return target is None or _is_sink(target.text)


def _is_unpacked(script: Script, command: Invocation) -> bool:
    """Whether a later command of the same pipeline unpacks what comes."""
    place = command.place
    return place.pipeline >= 0 and any(
        one.place.pipeline == place.pipeline
        and one.place.position > place.position
        and one.unwrapped.name in _UNPACKERS
        for one in script.commands
    )


RULE = Rule(
    code="LD1013",
    title="What is downloaded is compared with a checksum.",
    level=Level.INFO,
    why=(
        "TLS says that the bytes came from that server, not that they are the ones the author has published, nor that "
        "they are those of the last build. A checksum in the Dockerfile says both, and makes the build fail when "
        "somebody has put another file there. ADD has `--checksum`; a RUN does it with `sha256sum -c`, gpg or cosign. "
        "Keys and lists of repositories are left out here, for they are what later signatures are checked with."
    ),
    check=check,
    bad=(
        "FROM debian:12\nADD https://example.com/tool.tgz /tmp/\n",
        "FROM debian:12\nRUN curl -fsSLo /usr/bin/x https://example.com/x && chmod +x /usr/bin/x\n",
        "FROM debian:12\nRUN wget https://example.com/x.tgz\n",
        "FROM debian:12\nRUN curl -L https://example.com/x.tgz | tar xz\n",
        "FROM debian:12\nRUN curl https://example.com/x > x\n",
    ),
    good=(
        "FROM debian:12\nADD --checksum=sha256:0 https://example.com/tool.tgz /tmp/\n",
        "FROM debian:12\nADD https://github.com/a/b.git#v1 /src\n",
        'FROM debian:12\nRUN curl -o x https://example.com/x && echo "$SUM x" | sha256sum -c\n',
        "FROM debian:12\nRUN curl -fsS https://example.com/api | jq .tag\n",
        "FROM debian:12\nRUN curl -so /etc/apt/keyrings/a.asc https://example.com/a.asc\n",
        "FROM debian:12\nRUN wget -qO- https://example.com/api | grep x\n",
        "FROM debian:12\nRUN wget -q -O /dev/null https://example.com/ping; curl -o /dev/null https://example.com/\n",
    ),
)
