FROM debian:12
RUN a && \
  # one

  # two
  sudo b
