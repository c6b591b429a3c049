FROM registry.example.com/a:1 AS b
FROM registry.example.com/a:1
RUN --mount=from=b,target=/b --mount=type=cache,target=/c /b/x
