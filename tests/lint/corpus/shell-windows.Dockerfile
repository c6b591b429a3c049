# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
RUN sudo make; `
  pip install a
