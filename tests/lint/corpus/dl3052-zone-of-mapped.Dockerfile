FROM debian:12
LABEL it="http://[::ffff:192.0.2.1%25eth0]/"
