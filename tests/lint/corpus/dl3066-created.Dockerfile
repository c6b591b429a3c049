FROM debian:12
RUN useradd -l -u 1234 app
USER app
