FROM debian:12
RUN useradd --uid=123456 a
