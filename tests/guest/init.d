init: lib/init.c lib/hyperv.h lib/probe.h lib/tap.h
lib/hyperv.h:
lib/probe.h:
lib/tap.h:
