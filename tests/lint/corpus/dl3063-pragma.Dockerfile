# hadolint ignore=DL3063
FROM debian:12 AS scratch
