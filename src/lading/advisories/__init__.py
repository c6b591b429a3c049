"""OSV records: fetching, the store, matching, KEV and EPSS."""
