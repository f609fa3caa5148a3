// SPDX-License-Identifier: Apache-2.0
#include "controller/privilege.h"

#include "base/cleanup.h"
#include "base/refusal.h"

#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int keep(bool low_port);

static inline void capabilities_freep(cap_t *capabilities)
{
	if (*capabilities)
		(void)cap_free(*capabilities);
}

int privilege_drop(const char *state, bool low_port, struct refusal *why)
{
	int r;

	/* Else becoming another user takes every capability along. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	r = privilege_become_owner(state, why);
	if (r != 0)
		return r;
	r = keep(low_port);
	if (r < 0)
		return refuse(why, 0, "cannot give up privileges: %s", strerrordesc_np(-r));
	return 0;
}

int privilege_become_owner(const char *state, struct refusal *why)
{
	struct stat status;

	if (geteuid() != 0 || stat(state, &status) < 0 || status.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(status.st_gid, status.st_gid, status.st_gid) < 0 ||
	    setresuid(status.st_uid, status.st_uid, status.st_uid) < 0)
		return refuse(why, 0, "cannot become the owner of the directory '%s': %s", state,
			      strerrordesc_np(errno));
	return 0;
}

static int keep(bool low_port)
{
	static const cap_value_t bind_service = CAP_NET_BIND_SERVICE;
	_cleanup_(capabilities_freep) cap_t now = cap_get_proc();
	_cleanup_(capabilities_freep) cap_t wanted = cap_init();
	cap_flag_value_t held = CAP_CLEAR;

	if (!now || !wanted || cap_get_flag(now, bind_service, CAP_PERMITTED, &held) < 0)
		return -errno;
	if (low_port && held == CAP_SET &&
	    (cap_set_flag(wanted, CAP_PERMITTED, 1, &bind_service, CAP_SET) < 0 ||
	     cap_set_flag(wanted, CAP_EFFECTIVE, 1, &bind_service, CAP_SET) < 0))
		return -errno;
	/* Only who has CAP_SETPCAP can narrow this set; others gain nothing by execve() once no_new_privs is set. */
	for (cap_value_t capability = 0; cap_valid(capability); capability++)
		(void)cap_drop_bound(capability);
	/* Who starts without any may not even be allowed to ask. */
	if (cap_compare(now, wanted) != 0 && cap_set_proc(wanted) < 0)
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
