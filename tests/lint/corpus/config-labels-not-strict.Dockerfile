FROM debian:12
LABEL author="" extra="1"
