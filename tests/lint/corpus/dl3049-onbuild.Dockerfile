FROM debian:12
ONBUILD LABEL team=me version=1.0.0
