FROM debian:12
LABEL team= version=""
