FROM debian:12 AS scratch1
FROM debian:12 AS contexts
FROM debian:12 AS from-scratch
