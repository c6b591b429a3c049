FROM debian:12
HEALTHCHECK --interval=5s --timeout=1s \
  CMD curl -f http://localhost
