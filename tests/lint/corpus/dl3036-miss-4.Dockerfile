FROM opensuse/leap:15.6
RUN zypper in -y $P && zypper clean
