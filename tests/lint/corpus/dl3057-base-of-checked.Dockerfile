FROM debian:12 AS base
FROM base
HEALTHCHECK CMD ["/check"]
