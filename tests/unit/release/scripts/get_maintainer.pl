#!/usr/bin/perl
# A stand-in: the same people and list for every patch, but for what a flag leaves out.
my %left_out = map { $_ => 1 } @ARGV;
-f $ARGV[-1] or die "no such patch\n";
-f 'README' or $left_out{'--no-tree'} or die "no kernel tree\n";
print "\"A. Maintainer\" <a\@example.org>\nb\@example.org\n" unless $left_out{'--nom'};
print "R. Reviewer <r\@example.org>\n" unless $left_out{'--nor'};
print "list\@example.org\n" unless $left_out{'--nol'};
