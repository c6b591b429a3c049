"""LD1013: a file from the network that nothing checks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Instruction, Run
from lading.dockerfile.source import Span
from lading.lint import download
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
# The parts of paths and the like that may name a file.
_WORD = re.compile(r"""[^\s'"/;|&()<>*=]+""")
_Checked = dict[tuple[int, str], Span]


def check(subject: Subject) -> Iterator[Found]:
    """Yield every download to a file or an unpacker in a step that checks nothing, and ADD without a checksum."""
    checked = _checked(subject)
    for add in subject.all(Add):
        for source in add.sources if add.flag("checksum") is None else ():
            text = subject.expanded(source, add) or source.value
            if text.startswith(("http://", "https://")) and not text.partition("#")[0].endswith(
                (".git", *_TRUST)
            ):
                if _is_checked_later(subject, checked, add, _names(text, add.target.value)):
                    continue
                yield Found(source.span, "nothing checks what this is: add --checksum=sha256:...")
    for run in subject.all(Run):
        scripts = subject.scripts(run)
        if not any(_checks(script) for script in scripts):
            for script in scripts:
                for url, names in _downloads(script):
                    if not _is_checked_later(subject, checked, run, names):
                        message = "nothing checks what this is: compare it with a checksum (sha256sum -c)"
                        yield Found(url.span, f"{message} in the same RUN")


def _names(url: str, target: str) -> set[str]:
    """Return the names that a file may have where ADD puts it; a target without a dot is taken for a folder."""
    name, last = download.name(url), posixpath.basename(target)
    return {name, last} if "." in last or "." not in name else {name}


def _checks(script: Script) -> bool:
    return any(one.unwrapped.name in _CHECKERS for one in script.commands)


def _checked(subject: Subject) -> _Checked:
    """Return the last step that checks something and has a word, by the number of its stage and the word."""
    found: _Checked = {}
    for stage in subject.stages:
        for run in subject.of_stage(stage, Run):
            if any(_checks(script) for script in subject.scripts(run)):
                found.update(
                    ((stage.index, word), run.span) for word in _WORD.findall(subject.text(run.span))
                )
    return found


def _is_checked_later(subject: Subject, checked: _Checked, one: Instruction, names: set[str]) -> bool:
    """Whether a later step of the same stage checks something, and names one of these files."""
    stage = subject.stage_of(one)
    spans = [checked.get((stage.index, name)) for name in names] if stage else []
    return any(span is not None and span > one.span for span in spans)


def _downloads(script: Script) -> Iterator[tuple[Arg, set[str]]]:
    """Yield the address of every download that is kept or unpacked, with the names that the file may have then."""
    for outer in script.commands:
        command = outer.unwrapped
        url = _url(command) if command.name in download.PROGRAMS else None
        if url is not None and (download.saves(command) or _is_unpacked(script, outer)):
            saved = download.outputs(command)
            if not any(one.endswith(_TRUST) for one in saved):
                yield url, {posixpath.basename(one) for one in saved} or {download.name(url.text)}


def _url(command: Invocation) -> Arg | None:
    """Return the first address that is not a key or the like."""
    for arg in command.args:
        if arg.text.startswith(("http://", "https://")):
            local = arg.text.partition("//")[2].startswith(("localhost", "127.0.0.1", "[::1]"))
            return None if local or arg.text.partition("?")[0].endswith(_TRUST) else arg
    return None


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
        "FROM debian:12\nRUN curl -so /etc/apt/keyrings/a.asc https://example.com/key\n",
        "FROM debian:12\nADD https://example.com/x.tgz /tmp/\nRUN echo '123  /tmp/x.tgz' | sha256sum -c\n",
        "FROM debian:12\nRUN wget -qO- https://example.com/api | grep x\n",
        "FROM debian:12\nRUN wget -q -O /dev/null https://example.com/ping; curl -o /dev/null https://example.com/\n",
    ),
)
