FROM debian:12
COPY --from=busybox@sha256:abababababababababababababababababababababababababababababababab /a /a
