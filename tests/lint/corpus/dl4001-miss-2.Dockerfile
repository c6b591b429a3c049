FROM debian:12
RUN curl a
FROM b:1
RUN wget -q b
