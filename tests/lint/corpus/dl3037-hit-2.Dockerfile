FROM opensuse/leap:15.6
RUN zypper in -y -t pattern a && zypper cc
