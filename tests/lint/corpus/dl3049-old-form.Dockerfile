FROM debian:12
LABEL team me and you
LABEL version 1.0.0
