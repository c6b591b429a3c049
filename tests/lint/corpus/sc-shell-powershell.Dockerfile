FROM debian:12
SHELL ["pwsh", "-Command"]
RUN cp $HOME; cd `a
SHELL ["powershell", "-Command"]
RUN $a = 1; cd b
SHELL ["cmd", "/S", "/C"]
RUN cd %HOME%&dir
