FROM debian:12
RUN curl a; wget -q b; wget -q c
