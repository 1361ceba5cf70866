# rebuild.jq - compare the manifest of a build, $was[0], with that of the same built again,
# $is[0]. Prints a line for each output: "NAME: the same", or "NAME: differs" with the
# differences of the toolchain that explain it.

# what a program is a part of; one that is not named here is a part of everything
{
	make: [],
	zstd: ["bzImage", "linux-headers.tar.zst"],
	gzip: ["bzImage", "modules.tar.gz", "modules.vhdx"],
	tar: ["modules.tar.gz", "modules.vhdx", "linux-headers.tar.zst"],
	depmod: ["modules.tar.gz", "modules.vhdx"],
	mke2fs: ["modules.vhdx"],
	"qemu-img": ["modules.vhdx"]
} as $part_of
| $is[0].toolchain as $here
| ($was[0].toolchain + {distcc: $was[0].options.distcc} | with_entries(select(.value != null))) as $there
| [$there | to_entries[] | select(.value != $here[.key])] as $other
| $was[0].outputs | to_entries[] | .key as $name
| if .value.sha256 == $is[0].outputs[$name].sha256 then "\($name): the same"
  else
	[$other[] | select($part_of[.key] == null or ($part_of[.key] | index($name)))
		| if .key == "distcc" then "it was compiled with DISTCC_HOSTS=, which leaves columns out of debug information"
		  else "\(.key) is \($here[.key] // "not recorded" | if . == "" then "not installed" else . end), was \(.value)" end] as $why
	| if $is[0].outputs[$name] == null then "\($name): differs: it was not built"
	  elif $why == [] then "\($name): differs, and no difference of the toolchain explains it"
	  else "\($name): differs: \($why | join("; "))" end
  end
