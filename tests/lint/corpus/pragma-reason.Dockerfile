FROM debian:12
# hadolint ignore=DL3004 # it has to be
RUN sudo a
