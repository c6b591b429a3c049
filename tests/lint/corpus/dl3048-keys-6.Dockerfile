FROM debian:12
LABEL a__b=1
