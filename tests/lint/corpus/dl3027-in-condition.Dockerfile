FROM debian:12
RUN if command -v apt; then apt -y upgrade; fi
