"""Dockerfiles: text -> typed instructions with exact source spans; expansion; edits.

Knows nothing of rules or of building. The language is what BuildKit takes:
https://docs.docker.com/reference/dockerfile/
"""
