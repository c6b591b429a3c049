FROM debian:12
RUN useradd -g 123456 a
