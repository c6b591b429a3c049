FROM debian:12
RUN <<-EOF
	cp $HOME /b
	EOF
