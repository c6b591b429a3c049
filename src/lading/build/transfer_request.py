"""What a COPY or ADD asks for, with its variables replaced and its flags read."""

from __future__ import annotations

import posixpath

import msgspec

from lading.build import mode_change, paths
from lading.build.mode_change import ModeChange
from lading.build.words import Words
from lading.dockerfile import dockerignore
from lading.dockerfile.dockerignore import Patterns
from lading.dockerfile.instruction import Add, Copy
from lading.errors import MalformedError


class Inline(msgspec.Struct, frozen=True):
    """A file that stands in the Dockerfile itself, as a heredoc."""

    name: str
    content: bytes


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A COPY or ADD. name: which of them. sources: paths, or for ADD URLs, too. inline: its heredocs.

    target: relative to the root. is_folder: whether it is written as a directory.
    chown: as written; empty for none. mode: of `--chmod`. keep_git, unpack: None where it is not said.
    """

    name: str
    target: str
    sources: tuple[str, ...] = ()
    inline: tuple[Inline, ...] = ()
    is_folder: bool = False
    chown: str = ""
    mode: ModeChange | None = None
    link: bool = False
    parents: bool = False
    exclude: tuple[str, ...] = ()
    checksum: str = ""
    keep_git: bool | None = None
    unpack: bool | None = None

    @property
    def is_linked(self) -> bool:
        """Whether the layer is the same whatever lies below it.

        With a mode, BuildKit copies onto the image in spite of `--link`, and Dockerfiles rely on that.
        """
        return self.link and self.mode is None

    @property
    def excluded(self) -> Patterns | None:
        """The patterns of `--exclude`; None if there are none."""
        return dockerignore.patterns(self.exclude) if self.exclude else None


def request(instruction: Copy | Add, words: Words, directory: str) -> Request:
    """Return what an instruction asks for. directory: where the stage is in, absolute.

    Raises `MalformedError` for flags that make no sense, alone or together.
    """
    target = words.one(instruction.target)
    by_name = {heredoc.name: heredoc for heredoc in instruction.heredocs}
    inline, sources = [], []
    for number, word in enumerate(instruction.sources):
        if number in instruction.inline:
            heredoc = by_name[_announced(word.value)]
            inline.append(Inline(heredoc.name, words.heredoc(heredoc).encode("utf-8", "surrogateescape")))
        else:
            sources.append(words.one(word))
    texts = _flags(instruction, words)
    made = Request(
        name=instruction.name,
        target=paths.clean(posixpath.join(directory, target)),
        is_folder=target in {"", "."} or target.endswith(("/", "/.")),
        sources=tuple(sources),
        inline=tuple(inline),
        chown=texts.get("chown", ""),
        mode=mode_change.parse(texts["chmod"]) if texts.get("chmod") else None,
        link=_switch(instruction, "link") or False,
        parents=_switch(instruction, "parents") or False,
        exclude=tuple(words.flag(flag) for flag in instruction.flags if flag.name == "exclude"),
        checksum=texts.get("checksum", ""),
        keep_git=_switch(instruction, "keep-git-dir"),
        unpack=_switch(instruction, "unpack"),
    )
    _check(made)
    return made


def _announced(word: str) -> str:
    from lading.dockerfile import heredoc

    start = heredoc.announced(word)
    assert start is not None, word
    return start.name


def _flags(instruction: Copy | Add, words: Words) -> dict[str, str]:
    return {
        flag.name: words.flag(flag)
        for flag in instruction.flags
        if flag.name in {"chown", "chmod", "checksum"}
    }


def _switch(instruction: Copy | Add, name: str) -> bool | None:
    flag = instruction.flag(name)
    return None if flag is None else (flag.value or "true").lower() == "true"


def _check(made: Request) -> None:
    for name in (one.name for one in made.inline):
        if "/" in name or name in {".", ".."}:
            raise MalformedError(f"a heredoc cannot be called {name[:80]!r}")
    if made.link and made.chown and not _is_numeric(made.chown):
        raise MalformedError(
            f"--chown={made.chown[:80]} names somebody, but with --link nobody is known",
            hint="give numbers, or leave out --link",
        )
    _ = made.excluded


def _is_numeric(chown: str) -> bool:
    return all(part in {"", "root"} or (part.isascii() and part.isdigit()) for part in chown.split(":", 1))
