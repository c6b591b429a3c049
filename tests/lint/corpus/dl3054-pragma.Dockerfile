FROM debian:12
# hadolint ignore=DL3054
LABEL it=?
