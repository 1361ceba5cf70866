#!/usr/bin/perl
# A stand-in: complains of a patch that has the word BADSTYLE in it.
open(my $in, '<', $ARGV[-1]) or die;
while (<$in>) { if (/BADSTYLE/) { print "$.: ERROR: bad style\n"; exit 1; } }
