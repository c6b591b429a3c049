FROM registry.example.com/a:1
RUN --mount=type=bind,from=ghcr.io/a/b:1,target=/b /b/x
