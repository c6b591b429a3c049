FROM debian:12
# hadolint ignore=DL3004
ONBUILD RUN sudo a
