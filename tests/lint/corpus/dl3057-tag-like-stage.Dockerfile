FROM debian:12 AS base
HEALTHCHECK CMD ["/check"]
FROM base:12
RUN x
