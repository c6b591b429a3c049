FROM golang:1.22 AS build
FROM debian:12
ONBUILD COPY --from=build /a /a
LABEL team=me version=1.0.0
