"""Commits of git repositories as directories, by the git program.

Fetched as shallow as the server lets; nothing that a repository brings is run: no hooks, no file system monitor,
no transport but those that a reference may have. The user's own git settings count, for credentials stand there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from lading.build import beneath
from lading.build.git_reference import GitReference
from lading.errors import DeniedError, LadingError, MalformedError, StoppedError, UnavailableError

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_MAX_SAID = 4096
_GLANCE_S = 0.2
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.fileMode=true",
    "core.symlinks=true",
    "advice.detachedHead=false",
    "init.defaultBranch=main",
    "gc.auto=0",
    # Below 1000 bytes a second for a minute, it gives up.
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "protocol.ext.allow=never",
)
_DENIED = (
    "Authentication failed",
    "Permission denied",
    "could not read Username",
    "terminal prompts disabled",
    "403",
)


class Checkout(msgspec.Struct, frozen=True):
    """A commit on the disk. directory: what was asked for of it. time_ns: of the commit. commit: its hash."""

    directory: Path
    commit: str
    time_ns: int


def checkout(
    reference: GitReference,
    scratch: Path,
    *,
    keep_git: bool,
    is_local: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Checkout:
    """Return a commit, in a new directory in `scratch`.

    keep_git: `.git` stays; not if only a folder is asked for, as with BuildKit. is_local: the remote may be a path.
    stopped: asked on the way whether to give up, with a `StoppedError`.
    Raises `UnavailableError` if there is no git, no such repository, reference or folder, `DeniedError` if it is
    not for everybody, `MalformedError` if the commit is not the one that `checksum` says.
    """
    place = Path(tempfile.mkdtemp(prefix="git-", dir=scratch))
    work = place / "work"
    work.mkdir()
    work.chmod(0o755)
    git = _git(reference, work, "file:" if is_local else "", stopped)
    git.run("init", "--quiet")
    commit = _fetched(git, reference)
    _check(reference, commit)
    git.run("checkout", "--quiet", "--force", commit)
    if reference.submodules and (work / ".gitmodules").is_file():
        git.shallow("submodule", "--quiet", "update", "--init", "--recursive")
    time_ns = int(git.run("show", "--no-patch", "--format=%ct", commit).strip() or "0") * 10**9
    if not keep_git or reference.folder:
        _forget(work)
    return Checkout(_folder(work, reference), commit, time_ns)


def commit_of(reference: GitReference, scratch: Path, *, stopped: Callable[[], bool] = lambda: False) -> str:
    """Return the hash of the commit that a reference names by now, without fetching it. Raises as `checkout`."""
    if _HASH.fullmatch(reference.ref):
        commit = reference.ref
    else:
        name, commits = _listed(_git(reference, scratch, "", stopped), reference)
        # Of a tag with a text of its own, the commit comes with a sign behind its name.
        commit = commits.get(f"{name}^{{}}", commits[name])
    _check(reference, commit)
    return commit


def _check(reference: GitReference, commit: str) -> None:
    if not commit.startswith(reference.checksum):
        raise MalformedError(
            f"{reference.ref or 'HEAD'} is commit {commit}, not {reference.checksum}", reference.shown
        )


def _git(reference: GitReference, work: Path, transports: str, stopped: Callable[[], bool]) -> _Git:
    program = shutil.which("git")
    if program is None:
        raise UnavailableError("there is no git on this machine", reference.shown, "install git")
    return _Git(program, work, reference.shown, transports, stopped)


def _fetched(git: _Git, reference: GitReference) -> str:
    """Fetch a commit; return its hash."""
    if _HASH.fullmatch(reference.ref):
        try:
            git.shallow("fetch", "--quiet", "--no-tags", "--", reference.remote, reference.ref)
        except UnavailableError:
            # Not every server gives a commit by its hash: then all branches and tags.
            git.run("fetch", "--quiet", "--", reference.remote, "+refs/*:refs/fetched/*")
        return git.run("rev-parse", "--verify", f"{reference.ref}^{{commit}}").strip()
    name = _listed(git, reference)[0] if reference.ref else "HEAD"
    git.shallow("fetch", "--quiet", "--no-tags", "--", reference.remote, name)
    return git.run("rev-parse", "--verify", "FETCH_HEAD^{commit}").strip()


def _listed(git: _Git, reference: GitReference) -> tuple[str, dict[str, str]]:
    """Return the full name of what a reference names, and what the remote has of that name, or a longer one.

    A branch goes before a tag, as with git-checkout.
    """
    ref = reference.ref or "HEAD"
    lines = git.run("ls-remote", "--", reference.remote, ref, f"{ref}^{{}}").splitlines()
    commits = {line.partition("\t")[2]: line.partition("\t")[0] for line in lines}
    wanted = ["HEAD"] if ref == "HEAD" else [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/{ref}", ref]
    found = next((name for name in wanted if name in commits), None)
    if found is None:
        raise UnavailableError(f"there is no branch, tag or commit {ref[:80]!r}", reference.shown)
    return found, commits


def _forget(work: Path) -> None:
    """Remove `.git`, that of submodules, too."""
    for folder, folders, names in os.walk(work):
        if ".git" in folders:
            folders.remove(".git")
            shutil.rmtree(Path(folder, ".git"))
        if ".git" in names:
            Path(folder, ".git").unlink()


def _folder(work: Path, reference: GitReference) -> Path:
    if not reference.folder:
        return work
    try:
        # The repository may have made a symlink of it that leads out.
        beneath.Beneath(work).folder(reference.folder)
    except OSError as error:
        raise UnavailableError(f"there is no directory {reference.folder[:80]}", reference.shown) from error
    return work / reference.folder


class _Git:
    """Runs git in a directory. where: what errors name. transports: further ones, `a:b:`. stopped: see `checkout`."""

    def __init__(
        self, program: str, work: Path, where: str, transports: str, stopped: Callable[[], bool]
    ) -> None:
        self._program = program
        self._stopped = stopped
        self._work = work
        self._where = where
        self._environ = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith("GIT_") or name in _KEPT
            },
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": f"{transports}http:https:ssh:git",
            "GIT_CONFIG_COUNT": str(len(_SETTINGS)),
            "LC_ALL": "C",
        }
        for number, setting in enumerate(_SETTINGS):
            name, _, value = setting.partition("=")
            self._environ |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}

    def run(self, *arguments: str) -> str:
        """Return what git says. Raises `UnavailableError` or `DeniedError` if it fails."""
        with subprocess.Popen(  # noqa: S603 - words of a reference come behind `--`, and begin with no hyphen
            [self._program, *arguments],
            cwd=self._work,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            umask=0o022,
        ) as git:
            out, said = self._heard(git)
        if git.returncode:
            raise self._failed(arguments, said.decode("utf-8", "replace"))
        return out.decode("utf-8", "surrogateescape")

    def _heard(self, git: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """Return what it writes to both its outputs, when it has ended."""
        while not self._stopped():
            with suppress(subprocess.TimeoutExpired):
                return git.communicate(timeout=_GLANCE_S)
        git.terminate()  # it ends what it has started itself
        raise StoppedError("stopped", self._where)

    def shallow(self, *arguments: str) -> None:
        """Fetch without history; with it from a server that cannot leave it out."""
        at = arguments.index("--") if "--" in arguments else len(arguments)
        try:
            self.run(*arguments[:at], "--depth=1", *arguments[at:])
        except UnavailableError as error:
            if "shallow" not in error.message:
                raise
            self.run(*arguments)

    def _failed(self, arguments: Sequence[str], said: str) -> LadingError:
        lines = [line.strip() for line in said[-_MAX_SAID:].splitlines() if line.strip()]
        told = next(
            (line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else ""
        )
        # What git says may have the URL in it, with a password.
        told = re.sub(r"//[^/@\s]*@", "//", told.partition(": ")[2] or told)
        message = f"git {arguments[0]} failed: {told or 'it does not say why'}"
        if any(words in said for words in _DENIED):
            return DeniedError(
                message, self._where, "check git's credentials, or forward an agent with --ssh"
            )
        return UnavailableError(message, self._where)


_KEPT = frozenset(
    {
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_SSL_CAINFO",
        "GIT_SSL_NO_VERIFY",
        "GIT_CONFIG_GLOBAL",
        "GIT_PROXY_COMMAND",
    }
)
