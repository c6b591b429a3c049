FROM debian:12
SHELL ["python3", "-c"]
RUN sudo make; pip install a; cd /a; apt-get install curl
