# hadolint ignore=
FROM debian:12
