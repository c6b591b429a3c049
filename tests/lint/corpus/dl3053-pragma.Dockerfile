FROM debian:12
# hadolint ignore=DL3053
LABEL it=?
