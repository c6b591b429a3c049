FROM debian:12
# hadolint ignore=
RUN sudo a
