from __future__ import annotations

import hashlib

import msgspec
import pytest

from lading.build.chain import Chain, LayerRef, chain_ids, key_of
from lading.build.image_config import State
from lading.oci.image import Platform

LAYER = LayerRef(digest="sha256:" + "1" * 64, diff_id="sha256:" + "2" * 64, size=3, media_type="x")


def test_a_step_with_and_without_a_layer() -> None:
    chain = Chain(State(Platform("linux", "amd64")), "k")
    after = chain.then("l", {"created_by": "RUN x"}, LAYER).then("m", {"created_by": "USER y"})
    assert after.layers == (LAYER,)
    assert after.history == ({"created_by": "RUN x"}, {"created_by": "USER y", "empty_layer": True})
    assert (chain.key, chain.layers, chain.history) == ("k", (), ())


def test_the_key_names_all_that_has_led_here_and_what_came_of_it() -> None:
    chain = Chain(State(Platform("linux", "amd64")), "k")
    other = msgspec.structs.replace(LAYER, diff_id="sha256:" + "4" * 64)
    keys = {
        chain.then("l", {}).key,
        chain.then("l", {}, LAYER).key,
        chain.then("l", {}, other).key,
        chain.then("m", {}, LAYER).key,
        msgspec.structs.replace(chain, key="n").then("l", {}, LAYER).key,
    }
    assert len(keys) == 5
    stored_otherwise = msgspec.structs.replace(LAYER, digest="sha256:" + "5" * 64, annotations={"a": "b"})
    assert chain.then("l", {}, stored_otherwise).key == chain.then("l", {"created_by": "x"}, LAYER).key


def test_chain_ids_are_as_the_specification_says() -> None:
    def digest(text: str) -> str:
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    a, b, c = digest("a"), digest("b"), digest("c")
    assert chain_ids([a, b, c]) == (a, digest(f"{a} {b}"), digest(f"{digest(f'{a} {b}')} {c}"))
    assert chain_ids([]) == ()


@pytest.mark.parametrize(
    "other", [("a", "bc"), ("ab", "c", ""), ("ab", ["c"]), ("ab", b"c"), ("ab", 1), ("c", "ab")]
)
def test_keys_differ_where_values_do(other: tuple[object, ...]) -> None:
    assert key_of(*other) != key_of("ab", "c")
    assert key_of({"b": 1, "a": 2}) == key_of({"a": 2, "b": 1})
