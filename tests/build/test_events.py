from __future__ import annotations

import msgspec

from lading.build.events import Begun, Ended, Event, Output, Told


def test_events_are_told_apart_in_json() -> None:
    events: list[Event] = [
        Begun("a", 1, 2, 3, "RUN x"), Output("a", 1, "y\n"), Ended("a", 1, cached=False, seconds=0.5), Told("z"),
    ]  # fmt: skip
    raw = b"\n".join(msgspec.json.encode(event) for event in events)
    assert [msgspec.json.decode(line, type=Event) for line in raw.splitlines()] == events
