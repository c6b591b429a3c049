FROM debian:12
RUN for f in $(ls /srv); do cat "$f"; done
RUN for f in /srv/*; do cat "$f"; done
RUN for f in /srv/*; do cat $f; done
RUN for f in `ls`; do true; done
RUN for f in /srv/a; do ls "$f"; done
RUN for f in "$HOME"; do ls "$f"; done
RUN while read line; do echo "$line"; done < /etc/hosts
RUN while read -r line; do echo "$line"; done < /etc/hosts
RUN while read -r h; do ssh "$h" ls; done < /hosts
RUN for f in *.txt; do rm "$f"; done
RUN ls | while read -r f; do rm "$f"; done
RUN for i in 1..5; do true; done
RUN until false; do break; done
RUN find /srv -name a | while read -r f; do n=1; done; echo "$n"
