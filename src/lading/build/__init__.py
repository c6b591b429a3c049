"""Dockerfiles become images: planned, run, snapshotted and assembled here, with no daemon and no root."""
