FROM debian:12
LABEL it="1.2.3"
LABEL it="1.2.3-rc.1+b.01"
