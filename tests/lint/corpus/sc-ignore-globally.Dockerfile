# hadolint global ignore=SC2086
FROM debian:12
RUN cp $HOME /b
RUN cd /app; ls
