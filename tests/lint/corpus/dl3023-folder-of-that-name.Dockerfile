FROM debian:12 AS app
COPY app /app
