"""The nouns that cross a border between packages: plain frozen records, no behaviour."""
