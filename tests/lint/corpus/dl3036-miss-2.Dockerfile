FROM opensuse/leap:15.6
RUN zypper install --no-confirm a=1 && zypper clean --all
