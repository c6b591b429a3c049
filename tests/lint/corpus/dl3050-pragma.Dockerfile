FROM debian:12
# hadolint ignore=DL3050
LABEL team=me a=1
