FROM debian:12
RUN ssh host
RUN vim file
RUN shutdown now
RUN service nginx start
RUN ps aux
RUN free -m
RUN top -b
RUN kill 1
RUN mount /dev/sda1 /mnt
