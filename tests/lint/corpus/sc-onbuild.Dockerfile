FROM debian:12
ONBUILD RUN cd /app; ls
ONBUILD RUN true
ONBUILD ENV late=1
RUN echo "$late"
