FROM debian:12 AS base
LABEL team=me version=1.0.0
FROM base:12
RUN x
