FROM debian:12
LABEL team=me
RUN make
LABEL version=1.0.0
