FROM debian:12
RUN echo 'apt-get install curl' > /usage.txt
RUN which apt-get
