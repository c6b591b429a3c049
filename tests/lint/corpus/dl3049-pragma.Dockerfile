# hadolint ignore=DL3049
FROM debian:12
RUN x
# hadolint ignore=DL3049
FROM debian:11
