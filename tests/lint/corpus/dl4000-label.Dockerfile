FROM debian:12
LABEL maintainer="ann@example.com"
