FROM debian:12
# hadolint ignore=SC2086
RUN cd /app; cp $HOME /b
