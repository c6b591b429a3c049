FROM debian:12 AS a
HEALTHCHECK CMD ["/check"]
FROM debian:11 AS b
FROM a AS c
FROM b AS d
