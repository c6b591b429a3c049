FROM golang:1.22
FROM debian:12
COPY --from=3 /a /a
