FROM debian:12
RUN echo ssh
RUN apt-get install -y --no-install-recommends vim=2:9.0.1378-2 && rm -rf /var/lib/apt/lists/*
