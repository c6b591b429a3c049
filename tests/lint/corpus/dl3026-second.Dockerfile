FROM debian:12
FROM quay.io/a:1 AS b
