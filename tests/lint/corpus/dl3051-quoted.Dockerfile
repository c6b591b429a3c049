FROM debian:12
LABEL team="" it=''
