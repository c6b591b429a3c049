FROM registry.example.com/a:1
COPY --from=ghcr.io/a:1 /a /a
COPY --from=ghcr.io/b:1 \
  /b /b
