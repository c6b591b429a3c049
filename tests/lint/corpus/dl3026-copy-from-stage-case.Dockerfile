FROM registry.example.com/a:1 AS Build
FROM registry.example.com/a:1
COPY --from=bUILD /a /a
