FROM debian:12
# hadolint ignore=DL3056
LABEL it=?
