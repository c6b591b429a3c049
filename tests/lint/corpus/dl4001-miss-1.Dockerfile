FROM debian:12
ONBUILD RUN curl x
RUN wget -q y
