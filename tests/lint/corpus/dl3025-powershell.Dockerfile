FROM debian:12
SHELL ["powershell", "-command"]
CMD Start-Service app
