FROM debian:12
RUN if sudo a
RUN sudo b
