"""Lading: what a container image carries, what is wrong with it, and whether it may sail."""

__version__ = "0.1.0"
