"""The order of versions: one module per scheme, each `key(text) -> bytes`; pure."""
