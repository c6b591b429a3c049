hello
FROM debian:12

