FROM debian:12
RUN ["/bin/bash", "-c", "make && pip install a && sudo x"]
RUN ["sh", "-ec", "make; cd /a"]
RUN ["sudo", "make"]
