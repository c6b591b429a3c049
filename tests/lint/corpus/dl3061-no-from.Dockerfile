ENV A=1
RUN make
