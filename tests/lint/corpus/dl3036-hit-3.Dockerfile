FROM debian:12
RUN zypper cc && zypper in -y a=1 && zypper cc
