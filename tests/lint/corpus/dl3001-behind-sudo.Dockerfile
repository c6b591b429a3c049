FROM debian:12
RUN sudo mount /mnt
RUN env A=b ssh host
