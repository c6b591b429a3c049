FROM ruby:3.3
RUN gem install rails -v 7.1.3 && gem install puma --version 6.4.2
RUN gem install rake --version=13.2.1
