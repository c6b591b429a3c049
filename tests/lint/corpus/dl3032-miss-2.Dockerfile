FROM fedora:41
RUN yum reinstall a
