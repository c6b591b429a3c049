# hadolint ignore=DL3057
FROM debian:12
RUN x
