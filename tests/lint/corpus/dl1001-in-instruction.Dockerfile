FROM debian:12
RUN a \
  # hadolint ignore=DL3004
  b
