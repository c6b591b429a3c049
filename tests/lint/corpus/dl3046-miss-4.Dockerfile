FROM debian:12
RUN useradd -u 100 -g 100000 longname
