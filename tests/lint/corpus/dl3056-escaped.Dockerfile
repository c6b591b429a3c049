FROM debian:12
LABEL it=1.0\.0
