ARG KIND=small

FROM debian:12 AS base-small
RUN true

FROM base-${KIND}
RUN true
