# shellcheck shell=sh
# git in the repository of scratch.sh, sourced by the scripts that work in it.
#   g ARG...              git, in $scratch, whatever the user's settings are
#   commit TAG TREE       make TAG a commit of TREE, on top of the tag before
#   tree_of TAG           its tree
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent
GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' GIT_COMMITTER_DATE='2000-01-01T00:00:00Z'
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM HOME GIT_AUTHOR_DATE GIT_COMMITTER_DATE
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
g() { git -C "$scratch" "$@"; }

commit() {
	before=${1%/*}/$((${1##*/} - 1))
	if [ "${1##*/}" = 0 ]; then
		made=$(g commit-tree -m "$1" "$2")
	else
		made=$(g commit-tree -m "$1" -p "refs/tags/$before" "$2")
	fi
	g update-ref "refs/tags/$1" "$made"
}

tree_of() { g rev-parse "refs/tags/$1^{tree}"; }
