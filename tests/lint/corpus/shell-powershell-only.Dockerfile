FROM debian:12
SHELL ["pwsh", "-Command"]
RUN Invoke-WebRequest -Uri $x | Out-File y; if ($?) { pip install b } else { exit 1 }
RUN $env:A = 'x'; pip install a
