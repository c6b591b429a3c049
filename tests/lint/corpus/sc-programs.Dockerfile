# hadolint global ignore=DL3059
FROM debian:12
RUN find . -name *.sh
RUN find . -name "*.sh" -exec sh -c "rm {}" \;
RUN find /srv | xargs rm
RUN grep *a* f
RUN grep -r a | wc -l
RUN sed -i s/a/b/ f
RUN echo "a" | sed "s/a/b/"
RUN echo -e "a\tb"
RUN echo "a\nb"
RUN printf "$HOME"
RUN printf "%s\n" a b
RUN printf "%s %s\n" a
RUN which node
RUN expr 1 + 2
RUN let x=1
RUN read x
RUN tr a-z A-Z < f
RUN su app -c "make $HOME"
RUN sudo make
RUN exit 256
RUN exit -1
RUN trap "rm $HOME" EXIT
RUN su - app
RUN useradd app; su app
RUN nohup app &
RUN unzip -o a.zip
RUN wget -q $URL
RUN ssh host "echo $HOME"
RUN alias ll="ls -l"
RUN export $HOME
RUN set -o pipefail
RUN umask 22
RUN time make
RUN type make
RUN hash make
RUN source /etc/profile
RUN . /etc/profile
RUN local x=1
