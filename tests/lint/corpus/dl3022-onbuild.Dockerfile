FROM debian:12
ONBUILD COPY --from=nobody /a /a
