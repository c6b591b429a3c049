FROM debian:12
# Hadolint ignore=DL3004
RUN sudo a
# hadolint ignore=dl3004
RUN sudo b
