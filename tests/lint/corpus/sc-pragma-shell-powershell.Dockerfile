# hadolint shell=powershell
FROM debian:12
RUN cp $HOME; cd `a
