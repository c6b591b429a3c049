FROM debian:12
RUN wget --version
