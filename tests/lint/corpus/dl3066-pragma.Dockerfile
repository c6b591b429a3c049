FROM debian:12
# hadolint ignore=DL3066
USER app
