FROM registry.example.com/a:1
COPY --from=later /a /a
FROM registry.example.com/a:1 AS later
