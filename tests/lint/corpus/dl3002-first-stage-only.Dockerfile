FROM debian:12
USER root
FROM debian:12
COPY --from=0 /app /app
