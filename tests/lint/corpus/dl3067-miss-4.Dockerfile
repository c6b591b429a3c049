FROM debian:12
ONBUILD COPY --from=x / /
