FROM debian:12
RUN ["cp", "$HOME", "/b"]
RUN ["/bin/bash", "-c", "cp $HOME /b"]
RUN [ "cp", $HOME ]
