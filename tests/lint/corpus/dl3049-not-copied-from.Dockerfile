FROM golang:1.22 AS build
RUN make
FROM debian:12
LABEL team=me version=1.0.0
