# shellcheck shell=sh
# git in the repository of scratch.sh, sourced by the scripts that work in it.
#   g ARG...              git in $scratch, without the user's settings
#   other_index ARG...    git, with $tmp/index as its index
#   commit TAG TREE       make TAG a commit of TREE; TAG is old/N or new/N, and N-1 its parent
#   tree_of TAG           its tree
# Dates and names are fixed, so the same content has the same hash in every run.
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent
GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' GIT_COMMITTER_DATE='2000-01-01T00:00:00Z'
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM HOME GIT_AUTHOR_DATE GIT_COMMITTER_DATE
g() { git -C "$scratch" "$@"; }
other_index() { GIT_INDEX_FILE=$tmp/index git -C "$scratch" "$@"; }

commit() {
	if [ "${1##*/}" = 0 ]; then
		made=$(g commit-tree -m "$1" "$2")
	else
		made=$(g commit-tree -m "$1" -p "refs/tags/${1%/*}/$((${1##*/} - 1))" "$2")
	fi
	g update-ref "refs/tags/$1" "$made"
}

tree_of() { g rev-parse "refs/tags/$1^{tree}"; }
