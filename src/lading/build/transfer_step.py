"""COPY and ADD: files from a context, a stage, an image or elsewhere become a layer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lading.build import transfer, transfer_request
from lading.build.chain import LayerRef, key_of
from lading.build.directory_files import DirectoryFiles
from lading.build.elsewhere import Elsewhere
from lading.build.events import Tell, Told, changed
from lading.build.execute import Situation
from lading.build.files import Files
from lading.build.layer_make import LayerMaker
from lading.build.origins import Origins
from lading.build.plan import ContextSource, Source, Step, place
from lading.build.snapshotter import Snapshotter
from lading.build.step_cache import StepCache
from lading.build.transfer import Planned
from lading.build.transfer_request import Request
from lading.build.tree import Tree
from lading.dockerfile.instruction import Add, Copy
from lading.errors import LadingError


class Carrier(msgspec.Struct, frozen=True):
    """With what files are brought.

    elsewhere: brings what ADD names by URL. now_ns: the time of what has none. salt: what all keys depend on, those of
    layers too that are linked.
    """

    snapshotter: Snapshotter
    maker: LayerMaker
    origins: Origins
    cache: StepCache
    elsewhere: Elsewhere
    tell: Tell
    now_ns: Callable[[], int]
    salt: str = ""

    def prepare(self, situation: Situation) -> _Prepared:
        """Return a COPY or ADD, ready to be looked up: what it reads has been read."""
        return _Prepared(self, situation)


def check(step: Step) -> None:
    """Look at what a COPY or ADD asks for, before anything is done. Raises `MalformedError`, about the line."""
    assert isinstance(step.instruction, Copy | Add)
    try:
        transfer_request.request(step.instruction, step.words, "/")
    except LadingError as error:
        place(error, step.line)
        raise


class _Prepared:
    """A COPY or ADD whose turn has come."""

    def __init__(self, carrier: Carrier, situation: Situation) -> None:
        instruction = situation.step.instruction
        assert isinstance(instruction, Copy | Add)
        self._carrier = carrier
        self._situation = situation
        words = situation.step.words
        self._request = transfer_request.request(instruction, words, situation.state.directory)
        self._source: Source = next(iter(situation.step.sources.values()), ContextSource())
        self._known: Planned | None = None
        self._files: Files | None = None
        self.told = " ".join(situation.step.text.split())
        self.lasts = True
        # A layer that is linked is the same whatever lies below it.
        below = carrier.salt if self._request.is_linked else situation.chain.key
        self.key = key_of(instruction.name, below, self._digest())

    def make(self) -> LayerRef | None:
        """Bring the files."""
        carrier, chain = self._carrier, self._situation.chain
        tree = Tree() if self._request.is_linked else carrier.snapshotter.tree(chain.layers)
        changes = self._planned().make(tree, lambda: carrier.origins.accounts(chain))
        layer = carrier.maker.make(changes)
        if isinstance(self._files, DirectoryFiles) and self._files.changed:
            self.lasts = False
            carrier.tell(changed(self._files.changed, self._situation.step.line))
        return layer

    def _planned(self) -> Planned:
        if self._known is None:
            self._files = self._carrier.origins.files(self._source, self._situation)
            self._known = transfer.plan(
                self._request, self._files, self._carrier.elsewhere, time_ns=self._carrier.now_ns()
            )
            for note in self._known.notes:
                self._carrier.tell(Told(f"line {self._situation.step.line}: {note}", warning=True))
        return self._known

    def _digest(self) -> str:
        """Return the digest of what is read; of stages and images it is remembered, as they do not change."""
        chain = self._carrier.origins.chain(self._source, self._situation)
        if chain is None:
            return self._planned().digest
        key = key_of("read", [layer.diff_id for layer in chain.layers], _told(self._request))
        known = self._carrier.cache.digest(key)
        if not known:
            known = self._planned().digest
            self._carrier.cache.keep_digest(key, known)
        return known


def _told(request: Request) -> object:
    return msgspec.to_builtins(request, enc_hook=repr)
