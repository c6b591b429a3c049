USER app
FROM debian:12
