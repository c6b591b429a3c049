FROM centos:7
SHELL ["/usr/bin/scl", "enable", "devtoolset-11"]
RUN cat list | sort
