ARG WHERE=linux/amd64
FROM --platform=${WHERE} debian:12
