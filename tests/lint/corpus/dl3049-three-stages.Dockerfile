FROM debian:12
FROM debian:12
FROM debian:12
LABEL team=me version=1.0.0
