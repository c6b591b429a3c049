FROM debian:LATEST
FROM debian:latest-slim

