FROM debian:12
LABEL author="Ann" extra="1"
