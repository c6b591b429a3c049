FROM debian:12
# hadolint ignore=DL3055
LABEL it=?
