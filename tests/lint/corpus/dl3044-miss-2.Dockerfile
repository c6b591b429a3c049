FROM debian:12
ARG A
ENV A=$A B=$A
