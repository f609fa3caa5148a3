// SPDX-License-Identifier: Apache-2.0
/* Asked before anything is tried, because the kernel's own answer to all of these is EPERM or EINVAL. */
#include "capture/privilege.h"

#include "base/count.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/utsname.h>

#define KERNEL_MAJOR_LEAST 6
#define KERNEL_MINOR_LEAST 1

static const struct {
	cap_value_t value;
	const char *name;
} needed[] = {
	{CAP_BPF, "CAP_BPF"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN"},
};

static int kernel_check(struct refusal *why);
static bool capability_is_held(cap_value_t value);

int privilege_check(struct refusal *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!capability_is_held(needed[i].value))
			return refuse(why, REFUSE_UNAVAILABLE,
				      "The capability %s is missing; the agent needs CAP_BPF and "
				      "CAP_NET_ADMIN, or to run as root",
				      needed[i].name);
	return kernel_check(why);
}

/* Without CAP_PERFMON the verifier also walks what a CPU might speculate about, and older kernels give up on the way. */
int privilege_explain(int fault, struct refusal *why)
{
	if ((fault != -E2BIG && fault != -EACCES) || capability_is_held(CAP_PERFMON))
		return fault;
	return refuse(why, REFUSE_UNAVAILABLE,
		      "This kernel does not load the program without CAP_PERFMON; start the agent "
		      "with that capability too, which it gives up at once, or as root");
}

static int kernel_check(struct refusal *why)
{
	struct utsname system;
	int major, minor;

	if (uname(&system) < 0)
		return -errno;
	if (sscanf(system.release, "%d.%d", &major, &minor) != 2)
		return 0;
	if (major > KERNEL_MAJOR_LEAST ||
	    (major == KERNEL_MAJOR_LEAST && minor >= KERNEL_MINOR_LEAST))
		return 0;
	return refuse(why, REFUSE_UNAVAILABLE,
		      "The kernel %s is too old; capturing needs Linux %d.%d or later",
		      system.release, KERNEL_MAJOR_LEAST, KERNEL_MINOR_LEAST);
}

static bool capability_is_held(cap_value_t value)
{
	cap_flag_value_t held = CAP_CLEAR;
	cap_t capabilities = cap_get_proc();

	if (!capabilities)
		return false;
	if (cap_get_flag(capabilities, value, CAP_EFFECTIVE, &held) < 0)
		held = CAP_CLEAR;
	(void)cap_free(capabilities);
	return held == CAP_SET;
}
