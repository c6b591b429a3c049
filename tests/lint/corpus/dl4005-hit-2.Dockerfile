FROM debian:12
RUN ln -s /bin/sh /bin/bash
