FROM debian:12
HEALTHCHECK CMD curl -f localhost || exit 1
