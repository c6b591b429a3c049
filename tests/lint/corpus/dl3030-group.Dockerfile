FROM rockylinux:9
RUN yum groupinstall Tools && yum clean all
RUN yum -y groupinstall Tools && yum clean all
