FROM ruby:3.3
RUN gem install nokogiri:1.16.7 -- --use-system-libraries --with-xml2=/usr
