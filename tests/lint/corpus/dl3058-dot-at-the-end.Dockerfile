FROM debian:12
LABEL it="a@c."
LABEL it="a@c.d."
