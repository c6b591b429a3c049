FROM debian:12
USER app
RUN x
USER root
RUN y
USER app
