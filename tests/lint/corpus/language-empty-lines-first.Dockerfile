


FROM debian


RUN sudo a
