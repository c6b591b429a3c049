# hadolint ignore=DL3006
FROM debian:12
RUN a
