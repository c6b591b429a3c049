FROM debian:12 AS base
HEALTHCHECK CMD ["/check"]
FROM base
RUN x
