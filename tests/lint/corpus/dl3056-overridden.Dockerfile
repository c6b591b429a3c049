FROM debian:12
LABEL it=?
