FROM debian:12
COPY --chown=1:1 --chmod=644 a.txt b.txt /data
