# hadolint global ignore=DL3006
FROM debian
# hadolint ignore=DL3004
RUN sudo a
