FROM opensuse/leap:15.6
RUN zypper clean && zypper in -y a=1
