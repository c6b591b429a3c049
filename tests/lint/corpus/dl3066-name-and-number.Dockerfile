FROM debian:12
USER app:1000
