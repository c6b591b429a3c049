FROM debian:12 AS Base
LABEL team=me version=1.0.0
FROM bASE
RUN x
