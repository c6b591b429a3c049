FROM debian:12
RUN useradd -u $UIDX a
