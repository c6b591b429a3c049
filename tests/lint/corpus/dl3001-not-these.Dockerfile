FROM debian:12
RUN nano file
RUN umount /mnt
RUN killall nginx
RUN systemctl start nginx
RUN ssh-keygen -A
RUN ifconfig
RUN ping -c 1 host
