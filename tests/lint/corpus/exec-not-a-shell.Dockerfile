FROM debian:12
RUN ["make", "-c", "cd /a"]
RUN ["sh", "script", "-c", "cd /a"]
RUN ["sh", "-c"]
