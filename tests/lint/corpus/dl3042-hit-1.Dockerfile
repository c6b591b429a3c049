FROM opensuse/leap:15.6
RUN pip install a==1
