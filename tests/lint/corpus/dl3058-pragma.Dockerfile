FROM debian:12
# hadolint ignore=DL3058
LABEL it=?
