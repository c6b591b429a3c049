FROM debian:12
RUN ["bash", "-c", "a | b"]
