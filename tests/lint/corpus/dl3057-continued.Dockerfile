FROM \
  debian:12 \
  AS a
RUN x
