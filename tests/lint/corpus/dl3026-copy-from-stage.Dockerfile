FROM registry.example.com/a:1 AS b
FROM registry.example.com/a:1
COPY --from=b /a /a
