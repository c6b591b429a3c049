FROM debian:12
# hadolint shell=powershell
RUN a | b
