FROM debian:12
COPY dump.sql.gz /srv/
COPY fonts.zip /srv/
RUN gunzip /srv/dump.sql.gz && unzip /srv/fonts.zip
