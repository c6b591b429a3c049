FROM debian:12
RUN echo sudo make
RUN apt-get install -y --no-install-recommends sudo=1.9.13p3-1 && rm -rf /var/lib/apt/lists/*
RUN sudoedit file
