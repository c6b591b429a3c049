"""One module per command; no logic of their own."""
