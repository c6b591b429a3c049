# syntax=docker/dockerfile:1
# hadolint ignore=DL3006
FROM debian
