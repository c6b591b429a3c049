FROM fedora:41
RUN dnf install -y a-b-c a-1.2-3.el9 a-devel a-1 @group 'a-1' https://x/a.rpm x.rpm ./a-b.rpm
