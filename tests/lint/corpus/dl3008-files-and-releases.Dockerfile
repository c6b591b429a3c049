FROM debian:12
COPY agent.deb /tmp/
RUN apt-get install -y --no-install-recommends /tmp/agent.deb vim/bookworm-backports *.deb
