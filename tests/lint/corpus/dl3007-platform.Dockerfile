ARG P
FROM --platform=$P debian:latest

