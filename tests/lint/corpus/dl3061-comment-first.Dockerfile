# a comment

# syntax=docker/dockerfile:1
ARG A=1
FROM debian:$A
