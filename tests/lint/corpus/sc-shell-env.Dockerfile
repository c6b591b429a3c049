FROM debian:12
SHELL ["/usr/bin/env", "bash", "-c"]
RUN cp $HOME /b
