#!/usr/bin/perl
# A stand-in: complains of a patch that has the word BADSTYLE in it, and, but with
# --no-signoff, of one that nobody has signed off; it asks about new files.
my $signed = grep { $_ eq '--no-signoff' } @ARGV;
open(my $in, '<', $ARGV[-1]) or die;
while (<$in>) {
	if (/BADSTYLE/) { print "$.: ERROR: bad style\n"; exit 1; }
	if (/^new file/ && !grep { $_ eq 'FILE_PATH_CHANGES' } @ARGV) { print "$.: WARNING: in MAINTAINERS?\n"; exit 1; }
	$signed = 1 if /^Signed-off-by: .+ <.+>$/;
}
if (!$signed) { print "ERROR: nobody signed it off\n"; exit 1; }
