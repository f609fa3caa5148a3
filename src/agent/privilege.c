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

/* Needed always, or of use while programs are loaded. */
static const struct kept {
	cap_value_t capability;
	const char *name;
	bool always;
} kept[] = {
	{CAP_BPF, "CAP_BPF", true},          {CAP_NET_ADMIN, "CAP_NET_ADMIN", true},
	{CAP_NET_RAW, "CAP_NET_RAW", true},  {CAP_PERFMON, "CAP_PERFMON", false},
	{CAP_SETPCAP, "CAP_SETPCAP", false},
};

static int keep(bool loading, struct refusal *why);
static bool is_kept(cap_value_t capability, bool loading);

static inline void capabilities_freep(cap_t *capabilities)
{
	if (*capabilities)
		(void)cap_free(*capabilities);
}

void privilege_mount_bpffs(const char *directory)
{
	struct statfs filesystem;

	if (strncmp(directory, BPFFS_MOUNT "/", strlen(BPFFS_MOUNT "/")) != 0 ||
	    statfs(BPFFS_MOUNT, &filesystem) < 0 || filesystem.f_type == BPF_FS_MAGIC)
		return;
	(void)mount("bpf", BPFFS_MOUNT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700");
}

int privilege_keep_for_loading(struct refusal *why)
{
	return keep(true, why);
}

int privilege_drop(struct refusal *why)
{
	return keep(false, why);
}

static int keep(bool loading, struct refusal *why)
{
	_cleanup_(capabilities_freep) cap_t now = cap_get_proc();
	_cleanup_(capabilities_freep) cap_t wanted = cap_init();

	if (!now || !wanted)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		cap_flag_value_t held = CAP_CLEAR;

		if (cap_get_flag(now, kept[i].capability, CAP_PERMITTED, &held) < 0)
			return -errno;
		if (held != CAP_SET && kept[i].always)
			return refuse(
				why, 0,
				"the agent needs %s; run it as root or give it that capability",
				kept[i].name);
		if (held == CAP_SET && is_kept(kept[i].capability, loading) &&
		    (cap_set_flag(wanted, CAP_PERMITTED, 1, &kept[i].capability, CAP_SET) < 0 ||
		     cap_set_flag(wanted, CAP_EFFECTIVE, 1, &kept[i].capability, CAP_SET) < 0))
			return -errno;
	}
	/* The bounding set can only be narrowed by who has CAP_SETPCAP; for others there is nothing to gain by execve
	 * anyway once no_new_privs is set. */
	for (cap_value_t capability = 0; cap_valid(capability); capability++)
		if (!is_kept(capability, loading))
			(void)cap_drop_bound(capability);
	if (cap_set_proc(wanted) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static bool is_kept(cap_value_t capability, bool loading)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i].capability == capability)
			return kept[i].always || loading;
	return false;
}
