// SPDX-License-Identifier: Apache-2.0
#include "agent/privilege.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "base/refusal.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

#define BPFFS_MOUNT "/sys/fs/bpf"

static const cap_value_t kept[] = {CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW};

static inline void capabilities_freep(cap_t *capabilities)
{
	if (*capabilities)
		(void)cap_free(*capabilities);
}

static bool is_kept(cap_value_t capability)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i] == capability)
			return true;
	return false;
}

void privilege_mount_bpffs(const char *directory)
{
	struct statfs filesystem;

	if (strncmp(directory, BPFFS_MOUNT "/", strlen(BPFFS_MOUNT "/")) != 0 ||
	    statfs(BPFFS_MOUNT, &filesystem) < 0 || filesystem.f_type == BPF_FS_MAGIC)
		return;
	(void)mount("bpf", BPFFS_MOUNT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
}

int privilege_drop(struct refusal *why)
{
	_cleanup_(capabilities_freep) cap_t now = cap_get_proc();
	_cleanup_(capabilities_freep) cap_t wanted = cap_init();

	if (!now || !wanted)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		cap_flag_value_t held = CAP_CLEAR;

		if (cap_get_flag(now, kept[i], CAP_PERMITTED, &held) < 0)
			return -errno;
		if (held != CAP_SET)
			return refuse(
				why, 0,
				"the agent needs %s; run it as root or give it that capability",
				cap_to_name(kept[i]));
	}
	/* The bounding set can only be narrowed by who has CAP_SETPCAP; without it there is nothing to gain by execve
	 * anyway once no_new_privs is set. */
	for (cap_value_t capability = 0; cap_valid(capability); capability++)
		if (!is_kept(capability))
			(void)cap_drop_bound(capability);
	if (cap_set_flag(wanted, CAP_PERMITTED, ARRAY_SIZE(kept), kept, CAP_SET) < 0 ||
	    cap_set_flag(wanted, CAP_EFFECTIVE, ARRAY_SIZE(kept), kept, CAP_SET) < 0 ||
	    cap_set_proc(wanted) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
