FROM debian:12
CMD ["sudo", "make"]
