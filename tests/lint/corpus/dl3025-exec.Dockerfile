FROM debian:12
CMD exec nginx $OPTIONS
