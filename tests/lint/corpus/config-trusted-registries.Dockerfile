FROM debian:12
FROM docker.io/library/debian:12
FROM registry.example.com/app:1
FROM other.example.com/app:1
