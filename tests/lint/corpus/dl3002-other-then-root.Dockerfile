FROM debian:12
USER 1000
RUN make
USER root
RUN make install
