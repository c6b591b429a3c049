FROM fedora:41
RUN yum clean all && yum install -y a-b
