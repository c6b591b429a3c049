FROM debian:12
# hadolint ignore=DL3052
LABEL it=?
