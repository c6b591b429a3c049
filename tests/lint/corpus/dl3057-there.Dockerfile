FROM debian:12
HEALTHCHECK CMD ["/check"]
