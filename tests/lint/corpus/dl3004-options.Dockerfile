FROM debian:12
RUN sudo -u www -E make
