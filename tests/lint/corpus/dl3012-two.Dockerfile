FROM debian:12
HEALTHCHECK CMD ["/up"]
EXPOSE 80
HEALTHCHECK --interval=9s CMD ["/ready"]
