FROM debian:12
LABEL _a=1
