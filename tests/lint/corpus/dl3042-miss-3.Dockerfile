FROM opensuse/leap:15.6
RUN pip --no-cache-dir install a==1
