FROM golang:1.22
FROM debian:12
COPY --from=0 /a /a
