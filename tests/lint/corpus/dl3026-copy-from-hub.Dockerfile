FROM registry.example.com/a:1
COPY --from=nginx:1.27 /a /a
