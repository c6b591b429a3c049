FROM golang:1.22 AS build
FROM debian:12
RUN --mount=type=bind,from=build,target=/b cp /b/a /a
LABEL team=me version=1.0.0
