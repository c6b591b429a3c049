ONBUILD RUN make
FROM debian:12
