# escape=`
FROM debian:12
RUN a && `
    sudo b
WORKDIR app
