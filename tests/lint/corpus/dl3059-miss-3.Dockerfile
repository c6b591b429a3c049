FROM debian:12
RUN useradd --no-log-init -u 999999 a
