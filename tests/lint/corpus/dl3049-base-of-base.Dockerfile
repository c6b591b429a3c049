FROM debian:12 AS base
FROM base AS more
FROM more
LABEL team=me version=1.0.0
