FROM debian:12
RUN x=(a)
# hadolint shell=bash
RUN x=(a)
