FROM debian:12
RUN useradd -u 999999 a && useradd -u 999998 b
