FROM debian:12
ADD git@example.com:team/app.git /srv/app
ADD ssh://git@example.com/team/app.git /srv/app
