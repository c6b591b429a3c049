FROM golang:1.22 AS Build
FROM debian:12
COPY --from=bUILD /a /a
LABEL team=me version=1.0.0
