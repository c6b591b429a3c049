FROM debian:12
ARG K=team
LABEL $K=me version=1.0.0
