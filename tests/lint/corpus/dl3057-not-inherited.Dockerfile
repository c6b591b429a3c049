FROM debian:12 AS base
HEALTHCHECK CMD ["/check"]
FROM debian:11
RUN x
