FROM debian:12 AS a
USER app
FROM a AS b
USER other
FROM debian:11
USER 5
