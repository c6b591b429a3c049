FROM debian:12 AS app
COPY --from=0 /a /b
