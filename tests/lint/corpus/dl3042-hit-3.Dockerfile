FROM opensuse/leap:15.6
RUN pip install --no-cache a==1
