FROM debian:12
ADD ["app.py", "/srv/"]
ADD ["app.tar", "/srv/"]
