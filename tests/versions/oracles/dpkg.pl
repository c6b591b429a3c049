# Dpkg::Version, by the makers of dpkg.
use strict;
use warnings;
use Dpkg::Version;
$| = 1;
while (my $line = <STDIN>) {
    chomp $line;
    my ($one, $two) = split /\t/, $line, -1;
    print Dpkg::Version->new($one) <=> Dpkg::Version->new($two), "\n";
}
