FROM debian:12
COPY --from=ghcr.io/a/b:1 /a /a
