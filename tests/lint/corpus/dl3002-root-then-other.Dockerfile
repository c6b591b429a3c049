FROM debian:12
USER root
RUN make
USER 1000
