FROM debian:12
SHELL ["pwsh", "-c"]
USER app
