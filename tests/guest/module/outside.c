// SPDX-License-Identifier: GPL-2.0
/*
 * A module that is built outside of the tree against linux-headers.tar.zst, by smoke.sh and
 * smoke-hyperv.sh, and loaded by probes/modules_disk.c. It uses functions and data of the
 * kernel, so that it loads only with the right Module.symvers and configuration.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/utsname.h>

static char *release;
module_param(release, charp, 0444);
MODULE_PARM_DESC(release, "the release of the running kernel, set by the module");

static char *copy;

static int __init outside_init(void)
{
	copy = kasprintf(GFP_KERNEL, "%s", init_utsname()->release);
	if (!copy)
		return -ENOMEM;
	release = copy;
	return 0;
}

static void __exit outside_exit(void)
{
	kfree(copy);
}

module_init(outside_init);
module_exit(outside_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Proof that modules can be built outside of the tree");
