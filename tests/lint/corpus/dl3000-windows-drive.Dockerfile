FROM debian:12
WORKDIR C:\app
WORKDIR c:/app
WORKDIR "D:\\app"
