FROM debian:12 AS a
LABEL team=me version=1.0.0
FROM a AS a
RUN x
