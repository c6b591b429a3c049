FROM debian:12
RUN sudo a
# hadolint global ignore=DL3004
RUN sudo b
