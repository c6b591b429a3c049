# hadolint global ignore=DL3004,DL3006
FROM debian
RUN sudo a
