from __future__ import annotations

import pickle

from lading.policy import exceptions, vex
from lading.policy.rule import Product, Warned


def test_warned_reads_as_one_line() -> None:
    assert str(Warned(".lading.yaml:2", "ended")) == ".lading.yaml:2: ended"


def test_nothing_is_known_of_an_empty_product() -> None:
    assert Product() == Product(reference="", digest="", other_digests=(), arch="", purls=())


def test_rules_pickle() -> None:
    rules = exceptions.parse(
        b"exceptions:\n"
        b"- {id: A, package: ['a*', 'pkg:deb/x'], path: '[a]*', reason: r, owner: o, expires: never}\n",
        "f",
    ) + vex.parse(
        b'{"@context": "https://openvex.dev/ns", "timestamp": "2024-01-01T00:00:00Z", "statements": '
        b'[{"vulnerability": "A", "status": "fixed", "products": ["pkg:deb/x"]}]}',
        "v",
    )
    assert pickle.loads(pickle.dumps(rules)) == rules
