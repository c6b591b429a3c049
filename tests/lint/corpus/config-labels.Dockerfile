FROM debian:12
LABEL author="Ann" contact="nobody" created="yesterday"
LABEL version=1.0
LABEL site="not a url" licence="None" revision="xyz"
