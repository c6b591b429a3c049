FROM ruby:3.3
RUN gem install rake:13.2.1 --bindir /usr/local/bin
