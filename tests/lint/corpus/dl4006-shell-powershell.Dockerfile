FROM debian:12
SHELL ["powershell", "-command"]
RUN a | b
