FROM golang:1.22 AS base
FROM base AS build
FROM debian:12
COPY --from=build /a /a
LABEL team=me version=1.0.0
