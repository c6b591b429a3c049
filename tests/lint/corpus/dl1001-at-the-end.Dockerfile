FROM debian:12
RUN x
# hadolint ignore=DL3059
