FROM debian:12
WORKDIR /app
WORKDIR "/app with blank"
WORKDIR '/app'
