FROM debian:latest AS build
FROM build

