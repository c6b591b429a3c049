"""The images that a build stands upon: from the local store, or brought into it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from lading.build import image_config
from lading.build.chain import Chain, LayerRef, key_of, place_notes
from lading.build.plan import Base, ContextSource, ImageSource
from lading.errors import UnavailableError, UsageError
from lading.oci.image import Image, Layer, Platform, parse_platform, platform_text
from lading.oci.store import Store
from lading.oci.target import Target, parse_target

# Opens the image of a target that has a transport, for a platform.
Fetch = Callable[[Target, Platform], Image]


class Bases:
    """Looks up images by the names in a Dockerfile; each is fetched once in a build.

    platform: of the build, for names without one. contexts: targets of contexts that are images, by the
    names given with `--build-context`. pull: whether images that are here already are fetched again.
    told: gets a line before something is fetched. Threads may share it.
    """

    def __init__(
        self,
        store: Store,
        fetch: Fetch,
        platform: Platform,
        *,
        contexts: Mapping[str, str],
        pull: bool = False,
        told: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._store = store
        self._fetch = fetch
        self._platform = platform
        self._contexts = contexts
        self._pull = pull
        self._told = told
        self._found: dict[ImageSource | ContextSource, Image] = {}
        self._locks: dict[ImageSource | ContextSource, threading.Lock] = {}
        self._lock = threading.Lock()

    def image(self, source: ImageSource | ContextSource) -> Image:
        """Return the image, all of it in the store.

        Raises `UsageError` for a context that is no image, `UnavailableError` if there is none for the
        platform, and what fetching it raises.
        """
        with self._lock:
            only = self._locks.setdefault(source, threading.Lock())
        with only:  # who wants another one does not wait until this is fetched
            if source not in self._found:
                self._found[source] = self._open(source)
            return self._found[source]

    def look_up(self, source: ImageSource | ContextSource) -> Base:
        """Return what a stage that is built upon it has to know before. Raises what `image` raises."""
        state = self._state(self.image(source))
        return Base(state.environment, state.triggers)

    def chain(self, source: ImageSource | ContextSource) -> Chain:
        """Return the chain that a stage begins with. Raises what `image` raises."""
        image = self.image(source)
        state = self._state(image)
        layers = tuple(reference(layer) for layer in image.layers)
        key = key_of("image", image.config_digest, [layer.diff_id for layer in layers])
        return Chain(state.begun(), key, layers, image_config.history(image.config))

    def _open(self, source: ImageSource | ContextSource) -> Image:
        if isinstance(source, ContextSource):
            if source.name not in self._contexts:
                raise UsageError(
                    f"the context {source.name!r} is a directory, not an image",
                    hint=f"begin with FROM scratch and COPY --from={source.name} / /",
                )
            return self._brought(parse_target(self._contexts[source.name]), "", self._platform)
        platform = parse_platform(source.platform) if source.platform else self._platform
        return self._named(source.name, platform)

    def _named(self, name: str, platform: Platform) -> Image:
        elsewhere = Target("docker", name)
        if self._pull:
            return self._brought(elsewhere, name, platform)
        if not self._store.find(name):
            try:
                return self._brought(elsewhere, name, platform)
            except UnavailableError as error:
                # A slip in the name of a stage ends here, too.
                error.hint = f"no stage or image here is called {name[:80]}; {error.hint}".rstrip("; ")
                raise
        try:
            return self._store.open_image(name, platform)
        except UnavailableError as here:
            # What is here is for another platform; elsewhere there may be one for this.
            try:
                return self._brought(elsewhere, name, platform)
            except UnavailableError as error:
                raise here from error

    def _brought(self, target: Target, name: str, platform: Platform) -> Image:
        self._told(f"fetching {name or target} for {platform_text(platform)}")
        image = self._fetch(target, platform)
        digest = self._store.put(image, [name] if name and "@" not in name else [])
        return self._store.open_image(digest, platform)

    def _state(self, image: Image) -> image_config.State:
        where = f"{image.target}: config"
        return image_config.read(image.config, self._platform, where)


def reference(layer: Layer) -> LayerRef:
    """Return a layer of an image in the store as one of a chain."""
    return LayerRef(
        digest=layer.digest,
        diff_id=layer.diff_id,
        size=layer.size,
        media_type=layer.media_type,
        annotations=place_notes(layer.line, layer.source, layer.stage),
        tar_bytes=layer.tar_bytes,
    )
