FROM debian:12
ONBUILD RUN curl x
ONBUILD RUN wget -q y
ONBUILD RUN wget -q y
