FROM debian:12 AS a
FROM a AS scratch
COPY --from=a / /
