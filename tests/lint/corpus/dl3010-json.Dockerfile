FROM debian:12
COPY ["a.txz", "b.txt", "/tmp/"]
RUN ["tar", "-xJf", "/tmp/a.txz"]
