FROM debian:12
# hadolint  ignore = DL3004 , DL3003
RUN sudo a
