# hadolint ignore=DL3006
FROM debian
#hadolint ignore = DL3004,SC2086 # why
RUN sudo make
