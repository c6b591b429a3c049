FROM debian:12
RUN true \
  && cd /app; ls
RUN echo $HOME
