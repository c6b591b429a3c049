FROM debian:12
LABEL team=me version=1.0.0
FROM debian:12
RUN x
