FROM debian:12
LABEL team=x it=1.0.0
