FROM debian:12
# hadolint ignore=DL3049
RUN x
