FROM debian:12
USER ٣
