"""Something that stages have or have not, handed on to those built upon a stage or an image of that name.

This is how hadolint follows stages: an image of the same name as an earlier one, tag and registry left
out, is taken to have what the stage upon the earlier one had at its end.
"""

from __future__ import annotations

from lading.dockerfile.instruction import From


class ByName:
    """Whether the current stage has it. Begin each stage with `begin`, and say with `note` that it has."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}
        self._current = ""

    @property
    def has(self) -> bool:
        """Whether the current stage has it."""
        return self._known.get(self._current, False)

    def begin(self, base: From) -> None:
        """Begin the stage of a FROM."""
        image = image_name(base.image.value)
        name = base.stage_word.value if base.stage_word else image
        self._known[name] = self._known.get(image, False)
        self._current = name

    def note(self) -> None:
        """Note that the current stage has it."""
        self._known[self._current] = True


def image_name(reference: str) -> str:
    """Return the name in an image reference, without registry, tag and digest."""
    name = reference.partition("@")[0]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first):
        name = rest
    start = name.rfind("/") + 1
    return name[:start] + name[start:].partition(":")[0]
