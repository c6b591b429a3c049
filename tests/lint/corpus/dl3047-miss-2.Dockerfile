FROM debian:12
RUN wget --progress=dot:giga http://x
