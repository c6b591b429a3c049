FROM registry.example.com/a:1
ONBUILD COPY --from=ghcr.io/a:1 /a /a
