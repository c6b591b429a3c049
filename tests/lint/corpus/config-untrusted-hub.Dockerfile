FROM debian:12 AS build
FROM build
FROM scratch
FROM evil.example.com/app:1
