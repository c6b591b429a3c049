FROM golang:1.22
FROM debian:12
COPY --from=0 /a /a
LABEL team=me version=1.0.0
