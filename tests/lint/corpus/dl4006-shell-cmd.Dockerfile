FROM debian:12
SHELL ["cmd", "/S", "/C"]
RUN a | b
