FROM debian:12
RUN if [ -n "$DEBUG" ]; then apt-get install -y --no-install-recommends gdb; fi
RUN (apt-get install -y --no-install-recommends strace=6.1-0.1)
