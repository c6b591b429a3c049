FROM registry.example.com/a:1
COPY --from=registry.example.com/b:1 /a /a
