"""DL3026: a base image from a registry that is not trusted."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.scope import SCRATCH
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject
from lading.lint.unpinned import shown

_DOCKER_HUB = ("docker.io", "hub.docker.com")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every base from elsewhere, if the configuration says where bases may come from."""
    trusted = subject.config.trusted_registries
    for stage in subject.stages if trusted else ():
        written = stage.base.image
        image = subject.expanded(written, stage.base) or written.value
        if image == SCRATCH or subject.parent(stage) is not None:
            continue
        registry = _registry(image)
        wanted = (registry,) if registry else _DOCKER_HUB
        if not any(_matches(pattern, name) for pattern in trusted for name in wanted):
            place = shown(registry) or "Docker Hub"
            message = f"{place} is not among the trusted registries: take the base from one of them"
            yield Found(written.span, message)


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
    title="Base images should come from registries that are trusted.",
    level=Level.ERROR,
    why=(
        "Whoever can push to the registry of a base image can run code in every build and container upon it. "
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
        "FROM registry.example.com/go:1.22 AS build\nFROM ghcr.io/a/b:1\nCOPY --from=build /a /a\n",
    ),
    good=(
        "FROM registry.example.com/app:1\n",
        "FROM eu.mirror.example.org/app:1\n",
        "FROM registry.example.com/app:1 AS base\nFROM base\n",
        "FROM scratch\n",
        "ARG FROM=registry.example.com\nFROM $FROM/app:1\n",
    ),
)
