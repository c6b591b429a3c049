FROM debian:12
# hadolint ignore=DL3004 because it has to be
RUN sudo a
