# hadolint shell=bash
FROM debian:12
RUN [[ -n "$HOME" ]] && cd /app; ls
FROM alpine:3.20
RUN x=(a)
