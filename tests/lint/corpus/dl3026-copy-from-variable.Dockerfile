FROM registry.example.com/a:1
ARG X
COPY --from=ghcr.io/a:$X /a /a
