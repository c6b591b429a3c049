FROM debian:12 AS base
FROM base AS run
LABEL team=me version=1.0.0
