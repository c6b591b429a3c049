# hadolint global ignore=DL3004
FROM debian:12
RUN sudo make
