"""What `RUN --mount` asks for becomes what is mounted: directories, files in memory, sockets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from lading.build import run_spec
from lading.build.execute import Situation
from lading.build.origins import Origins
from lading.build.plan import Source
from lading.build.run_mounts import Bind, Cache, RunMount, Secret, Ssh, Tmpfs
from lading.errors import UsageError


class Resolver(msgspec.Struct, frozen=True):
    """caches: directory of what caches keep. secrets: by id, how each is read. agents: by id, their sockets."""

    origins: Origins
    caches: Path
    secrets: Mapping[str, Callable[[], bytes]] = {}
    agents: Mapping[str, str] = {}

    def read(self, mounts: tuple[RunMount, ...], situation: Situation) -> list[str]:
        """Return the digests of what mounts bring in, waiting for the stages that it is from."""
        return [self.origins.digest(source, path, situation) for source, path in _sources(mounts)]

    def is_changed(self, mounts: tuple[RunMount, ...], situation: Situation) -> bool:
        """Return whether any of that is no longer as it was when it was read."""
        return any(self.origins.is_changed(source, path, situation) for source, path in _sources(mounts))

    def mount(
        self, mount: RunMount, situation: Situation, variables: dict[str, str], scratch: Path, *, flat: bool
    ) -> run_spec.Mount | None:
        """Return what is mounted; None for an optional secret or agent that nobody gives.

        variables: gets those that a secret or agent brings. scratch: where directories can be made for the time
        of the run. flat: whether directories cannot be laid over each other. Raises `UsageError` for what is
        required and not given.
        """
        if isinstance(mount, Bind):
            return self._bind(mount, situation, scratch, flat=flat)
        if isinstance(mount, Cache):
            return self._cache(mount, situation)
        if isinstance(mount, Tmpfs):
            return run_spec.Tmpfs(target=mount.target, size_bytes=mount.size)
        if isinstance(mount, Secret):
            return self._secret(mount, variables)
        return self._agent(mount, variables)

    def _bind(self, mount: Bind, situation: Situation, scratch: Path, *, flat: bool) -> run_spec.Mount:
        read_only = not mount.writable
        source = mount.path
        chain = self.origins.chain(mount.source, situation)
        if chain is None:
            directory = self.origins.directory(mount.source, situation, scratch)
            return run_spec.Bind(
                target=mount.target, directory=str(directory), source=source, read_only=read_only
            )
        if flat:
            directory = self.origins.flat(chain, scratch)
            return run_spec.Bind(
                target=mount.target, directory=str(directory), source=source, read_only=read_only
            )
        lowers = tuple(map(str, self.origins.directories(chain)))
        return run_spec.Bind(target=mount.target, lowers=lowers, source=source, read_only=read_only)

    def _cache(self, mount: Cache, situation: Situation) -> run_spec.Mount:
        directory = self.caches / self._name(mount, mount.source, situation)
        # Of a private one there may be several, and all of them begin with the same.
        is_private = mount.sharing == "private"
        beginning = directory.with_name(f"{directory.name}.begin") if is_private else directory
        if mount.source is not None and not beginning.exists():
            self.origins.begin(mount.source, mount.path, situation, beginning)
        return run_spec.Cache(
            target=mount.target,
            directory=str(directory),
            sharing=mount.sharing,  # type: ignore[arg-type]  # it was checked when it was read
            read_only=mount.readonly,
            mode=mount.mode,
            uid=mount.uid,
            gid=mount.gid,
            beginning=str(beginning) if mount.source is not None and is_private else "",
        )

    def _name(self, mount: Cache, source: Source | None, situation: Situation) -> str:
        """Return the name of a cache's directory: what it begins with is part of which cache it is."""
        origin = "" if source is None else self.origins.digest(source, mount.path, situation)
        return hashlib.sha256(f"{mount.id}\0{origin}".encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def _secret(self, mount: Secret, variables: dict[str, str]) -> run_spec.Mount | None:
        read = self.secrets.get(mount.id)
        if read is None:
            if mount.required:
                raise UsageError(
                    f"no secret is given for id {mount.id}",
                    hint=f"give it with --secret id={mount.id},src=FILE",
                )
            return None
        content = read()
        if mount.variable:
            try:
                variables[mount.variable] = content.decode()
            except UnicodeDecodeError as error:
                raise UsageError(f"the secret {mount.id} is no UTF-8, and cannot be a variable") from error
        if not mount.target:
            return None
        return run_spec.File(
            target=mount.target, content=content, mode=mount.mode, uid=mount.uid, gid=mount.gid
        )

    def _agent(self, mount: Ssh, variables: dict[str, str]) -> run_spec.Mount | None:
        socket = self.agents.get(mount.id)
        if socket is None:
            if mount.required:
                raise UsageError(
                    f"no SSH agent is given for id {mount.id}", hint=f"give it with --ssh {mount.id}"
                )
            return None
        variables.setdefault("SSH_AUTH_SOCK", mount.target)
        return run_spec.Agent(
            target=mount.target, socket=socket, mode=mount.mode, uid=mount.uid, gid=mount.gid
        )


def _sources(mounts: tuple[RunMount, ...]) -> list[tuple[Source, str]]:
    return [
        (mount.source, mount.path)
        for mount in mounts
        if isinstance(mount, Bind | Cache) and mount.source is not None
    ]
