FROM debian:12 AS app
ONBUILD COPY --from=app /a /b
