FROM debian:12 AS base
FROM base
LABEL team=me version=1.0.0
FROM base
RUN x
