FROM debian:12
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN cd /app; ls
RUN cd /app; cp $HOME /b
