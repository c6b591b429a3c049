FROM debian:12
LABEL other=
