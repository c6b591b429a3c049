FROM debian:12
SHELL ["pwsh", "-Command"]
RUN sudo make; pip install a; cd /a; apt-get install curl
