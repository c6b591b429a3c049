FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN cd %HOME% & dir $a
