# hadolint global ignore=DL3049
FROM debian:12
