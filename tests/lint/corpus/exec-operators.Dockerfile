FROM debian:12
RUN ["make", "&&", "pip", "install", "a"]
RUN ["make", ";", "sudo", "x"]
