"""DL3026: an image from a registry that is not trusted."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.scope import SCRATCH
from lading.dockerfile.source import Span
from lading.lint import taken_from
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject
from lading.lint.unpinned import shown

_DOCKER_HUB = ("docker.io", "hub.docker.com")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every image from elsewhere, if the configuration says where images may come from."""
    trusted = subject.config.trusted_registries
    for span, image in _images(subject) if trusted else ():
        registry = _registry(image)
        wanted = (registry,) if registry else _DOCKER_HUB
        if not any(_matches(pattern, name) for pattern in trusted for name in wanted):
            place = shown(registry) or "Docker Hub"
            message = f"{place} is not among the trusted registries: take the image from one of them"
            yield Found(span, message)


def _images(subject: Subject) -> Iterator[tuple[Span, str]]:
    """Yield the images that stages are built upon or take files from, variables replaced."""
    known = taken_from.names(subject)
    for one in subject.file.instructions:
        stage = subject.stage_of(one)
        if stage and one is stage.base:
            image = subject.expanded(stage.base.image, one) or stage.base.image.value
            if image != SCRATCH and subject.parent(stage) is None:
                yield stage.base.image.span, image
        for flag, image in taken_from.sources(one):
            index = taken_from.stage_named(subject, image, known)
            # What comes later cannot be meant.
            if index is None or (stage and index > stage.index):
                yield flag.span, image


def _registry(name: str) -> str:
    """Return the registry that an image's name begins with; empty for Docker Hub's short names."""
    first, slash, _ = name.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else ""


def _matches(pattern: str, registry: str) -> bool:
    """Whether a pattern means a registry: by its name, or by its start or end with a star for the rest."""
    if pattern.startswith("*"):
        return registry.endswith(pattern[1:])
    return registry.startswith(pattern[:-1]) if pattern.endswith("*") else registry == pattern


RULE = Rule(
    code="DL3026",
    title="Images should come from registries that are trusted.",
    level=Level.ERROR,
    why=(
        "Whoever can push to the registry of a base image can run code in every build and container upon it; so can "
        "who gives the files that `COPY --from` or a mount takes out of an image. "
        "Teams therefore agree on a few registries, often one of their own that mirrors the others, and list them "
        "as trustedRegistries in the configuration. Without that list the rule says nothing. `*.example.com` "
        "means all below a name, `*` every one."
    ),
    check=check,
    config=Config(trusted_registries=("registry.example.com", "*.example.org")),
    bad=(
        "FROM debian:12\n",
        "FROM docker.io/library/debian:12\n",
        "FROM registry.example.com.evil.example/app:1\n",
        "FROM registry.example.com:5000/app:1\n",
        "FROM $BASE\n",
        "FROM registry.example.com/app:1\nCOPY --from=ghcr.io/a/b:1 /a /a\n",
        "FROM registry.example.com/app:1\nRUN --mount=from=ghcr.io/a/b:1,target=/b /b/x\n",
        "FROM registry.example.com/go:1.22 AS build\nFROM ghcr.io/a/b:1\nCOPY --from=build /a /a\n",
    ),
    good=(
        "FROM registry.example.com/app:1\n",
        "FROM eu.mirror.example.org/app:1\n",
        "FROM registry.example.com/app:1 AS base\nFROM base\n",
        "FROM scratch\n",
        "FROM registry.example.com/go:1.22\nFROM scratch\nCOPY --from=0 /a /a\n",
        "ARG FROM=registry.example.com\nFROM $FROM/app:1\n",
    ),
)
