FROM debian:12
COPY --from=late /a /a
FROM golang:1.22 AS late
