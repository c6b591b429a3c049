FROM debian:12
SHELL ["cmd", "/S", "/C"]
RUN cd C:\a && rmdir /s /q "C:\Program Files" & npm install a
