#!/bin/sh
# patch-mail: a patch of the queue as a mail that git am takes, to those that the tree's
# get_maintainer.pl names; an external, upstream or unclean patch is refused.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 35
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
queue=$project/patches/9.1 mail=$project/build/9.1/mail
export GIT_CONFIG_NOSYSTEM=1
# mailed PATCH - a run for it
mailed() { run env PATCH="$1" scripts/queue/patch-mail.sh; }
# refused PATCH REGEX NAME
refused() {
	mailed "$1"
	like "$rc $err" "^1 patch-mail: error: $2" "$3"
}
# received MAIL - $work/am is the release with the mail taken by git am
received() {
	rm -rf "$work/am"
	cp -R "$work/release/linux-9.1.5" "$work/am"
	(cd "$work/am" && export GIT_CONFIG_GLOBAL=/dev/null GIT_COMMITTER_NAME=M GIT_COMMITTER_EMAIL=m@example.org &&
		git init -q && git add -A && git commit -q --author 'M <m@example.org>' -m release && git am -q "$1") >"$work/err" 2>&1
}

run make patch-mail
like "$rc $err" '^2 usage: make patch-mail PATCH=topic/name \[LTS=x.y\]$' "PATCH= is missing"
refused hyperv/bus 'git: does not know your name and address' "without a user nobody can sign off"
like "$err" "^  git config --global user.name 'Your Name'; " "and how to set it"
git config --global user.name 'J. Åberg'
refused hyperv/bus 'git: does not know your name and address' "nor without an address"
git config --global user.email j@example.org
# the user's other settings are ignored
git config --global format.subjectPrefix RFC
git config --global commit.gpgSign true
git config --global diff.noprefix true

# ---- as it should be
run make patch-mail PATCH=hyperv/bus
is "$rc$err" 0 "make patch-mail"
like "$out" '^patch-mail: build/9.1/mail/bus.patch is clean by checkpatch.pl, for 4 addresses$' "it names the mail"
like "$out" '^patch-mail: read it, then: git send-email --annotate build/9.1/mail/bus.patch$' "how to send it"
like "$out" "^patch-mail: when it is sent, record it: 'Upstream: sent URL-IN-THE-LIST-ARCHIVE' in the header of patches/\*/hyperv/bus.patch" "and how to record that"
is "$(sed -n '/^To:/,/^$/p' "$mail/bus.patch")" 'To: "A. Maintainer" <a@example.org>,
    b@example.org
Cc: R. Reviewer <r@example.org>,
    list@example.org' "to the maintainers, cc reviewers and lists"
like "$(cat "$mail/bus.patch")" '^Subject: \[PATCH\] vmbus: two and seven$' "the subject"
is "$(sed '/^---$/,$d; 1,/^$/d' "$mail/bus.patch")" "A change at both ends of one file.

Signed-off-by: J. Åberg <j@example.org>" "the description, without the queue's own fields, signed off"
is "$(sed '1,/^---$/d; /^diff/,$d' "$mail/bus.patch")" ' drivers/hv/vmbus_drv.c | 4 ++--
 1 file changed, 2 insertions(+), 2 deletions(-)' "the diffstat"
received "$mail/bus.patch"
is "$(git -C "$work/am" log -1 --format='%an <%ae>: %s')" "J. Åberg <j@example.org>: vmbus: two and seven" "git am takes it, from the user"
is "$(git -C "$work/am" diff HEAD~ --shortstat) $(grep -cE 'x \+ (20|70);' "$work/am/drivers/hv/vmbus_drv.c")" " 1 file changed, 2 insertions(+), 2 deletions(-) 2" "with the change"
mailed patches/9.1/memory/balloon.patch
received "$mail/balloon.patch"
is "$rc$err $(git -C "$work/am" show --name-status --format= | tr '\t\n' ' ;')" \
	"0 A drivers/hv/balloon.c;M drivers/hv/vmbus_drv.c;M init/main.c;D lib/old.c;" "a patch that adds and removes files, by its path, against the release"
keep good

# ---- the description
cat >"$queue/hyperv/bus.patch" <<-EOF
	Subject: vmbus: two and seven
	Description: The first line is short. Then
	 come lines that are long enough to be told from the others by every reader of them.
	 And one more.
	 .
	   a table    1
	   of two     2
	 .
	 Its last paragraph.
	Fixes: 0123456789ab ("vmbus: something")
	Upstream: none (v9.9 has it
	 with other code)
	Lines: 9.1

	$(sed -n '/^--- a/,$p' "$work/kept.good/patches/9.1/hyperv/bus.patch" | sed 's/^/	/')
EOF
sed -i 's/^	\([-+@ 	]\)/\1/' "$queue/hyperv/bus.patch"
mailed hyperv/bus
like "$rc $err" '^0 patch-mail: warning: .*: before it is sent: Upstream: none .v9.9 has it with other code.$' "what upstream does instead is a warning"
is "$(sed '/^---$/,$d; 1,/^$/d' "$mail/bus.patch")" 'The first line is short. Then come lines that are long enough to be told
from the others by every reader of them. And one more.

  a table    1
  of two     2

Its last paragraph.
Fixes: 0123456789ab ("vmbus: something")

Signed-off-by: J. Åberg <j@example.org>' "the description is filled to 75 columns, tables and trailers are not"
back good

# ---- below it in the queue
cat >"$queue/memory/top.patch" <<-'EOF'
	Subject: init: two tries
	Upstream: sent https://example.org/list/1
	Lines: 9.1

	--- a/init/main.c
	+++ b/init/main.c
	@@ -1,7 +1,7 @@
	 /* Start. */
	 int start_kernel(void)
	 {
	-	int tries = 1;
	+	int tries = 2;
	 
	 	return tries;
	 }
	--- /dev/null
	+++ b/lib/new.c
	@@ -0,0 +1 @@
	+int new;
EOF
echo memory/top.patch >>"$queue/series"
mailed memory/top
is $rc 0 "a patch that needs one below it"
like "$err" '^patch-mail: warning: patches/9.1/memory/top.patch: needs patches .* sent before it: memory/balloon.patch $' "the one below is named"
ok "grep -qx -- '-	int tries = 1;' '$mail/top.patch' && grep -q '^new file' '$mail/top.patch'" "the diff is against it"
like "$err" '^patch-mail: warning: patches/9.1/memory/top.patch: before it is sent: Upstream: sent https://example.org/list/1$' "and that it was sent before"

# ---- patches that are refused
refused hyperv/balloon 'PATCH=hyperv/balloon: is not in patches/9.1/series, which has:$' "a patch that is not in the series"
like "$err" '^  memory/balloon.patch$' "with those that are"
field() { sed -i "/^$1:/d" "$queue/hyperv/bus.patch" && sed -i "1i $1: $2" "$queue/hyperv/bus.patch"; }
field Upstream '0123456789ab in v9.0'
refused hyperv/bus 'patches/9.1/hyperv/bus.patch: is upstream already: 0123456789ab in v9.0$' "a patch that a release has"
field Upstream ''
refused hyperv/bus 'patches/9.1/hyperv/bus.patch: has no Upstream: line$' "one without its upstream state"
field Upstream none
sed -i '/^Subject/d' "$queue/hyperv/bus.patch"
refused hyperv/bus 'patches/9.1/hyperv/bus.patch: has no Subject: line$' "one without a subject"
back good
printf '[link "hyperv/bus.patch"]\n\turl = https://example.org/b.patch\n' >>"$project/upstream.lock"
refused hyperv/bus "patches/9.1/hyperv/bus.patch: is an external patch; its author has to send it" "an external patch"
back good
echo mine >>"$project/build/9.1/src/lib/other.c"
mailed hyperv/bus
like "$rc $err" '^1 push: error: build/9.1/src: has changes that no patch contains \(run quilt refresh\)' "a tree with edits"
back good

# ---- errors of the tree's programs
sed -i 's/x + 70;/x + 70; BADSTYLE/' "$queue/hyperv/bus.patch"
mailed hyperv/bus
like "$err" '^patch-mail: error: build/9.1/mail/bus.draft: checkpatch.pl reports problems' "a mail that is not clean"
like "$err" '^[0-9]+: ERROR: bad style$' "with the output of checkpatch.pl"
is "$(cd "$mail" && echo *)" "balloon.patch bus.draft" "it is left as a draft, and an older mail is not left beside it"
back good
printf 'exit 0;' >"$project/build/9.1/src/scripts/get_maintainer.pl"
"$treestate" record "$project/build/9.1/src" "$project/build/9.1/src/.queue/index" >/dev/null
refused hyperv/bus 'patches/9.1/hyperv/bus.patch: get_maintainer.pl prints no address for it$' "no address"
printf 'die "bad MAINTAINERS\\n";' >"$project/build/9.1/src/scripts/get_maintainer.pl"
"$treestate" record "$project/build/9.1/src" "$project/build/9.1/src/.queue/index" >/dev/null
refused hyperv/bus 'build/9.1/src/scripts/get_maintainer.pl: failed$' "a get_maintainer.pl that fails"
like "$err" '^  bad MAINTAINERS$' "with its output"
rm -r "$work/am"
ok "[ -z \"$(ls "$project/build/tmp" 2>/dev/null)\" ]" "nothing is left in build/tmp"
