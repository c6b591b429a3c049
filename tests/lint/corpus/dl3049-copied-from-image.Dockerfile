FROM golang:1.22 AS build
FROM debian:12
COPY --from=nginx:1.27 /a /a
LABEL team=me version=1.0.0
