FROM registry.example.com/a:1
FROM registry.example.com/a:1
COPY --from=0 /a /a
