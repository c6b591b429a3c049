FROM opensuse/leap:15.6
RUN zypper --no-confirm in a=1
