FROM opensuse/leap:15.6
RUN zypper in -y a=1
