FROM debian:12 AS base
LABEL team=me
FROM base AS more
RUN make
FROM more
RUN x
