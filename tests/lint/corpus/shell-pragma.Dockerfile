FROM debian:12
# hadolint shell=powershell
RUN sudo make; pip install a; cd /a; apt-get install curl
