# hadolint global ignore=DL3004
# hadolint global ignore=DL3006
FROM debian
RUN sudo a
