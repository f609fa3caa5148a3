// SPDX-License-Identifier: Apache-2.0
#include "ship/link_example.h"

#include "base/cleanup.h"
#include "net/net_example.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static int host = -1, appliance = -1;

static int namespace_new(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void enter(int namespace)
{
	if (setns(namespace, CLONE_NEWNET) < 0)
		abort();
}

void link_example_enter_appliance(void)
{
	enter(appliance);
}

void link_example_enter_host(void)
{
	enter(host);
}

int link_example_open(unsigned int mtu, const char *options)
{
	appliance = namespace_new();
	if (appliance < 0)
		return appliance;
	host = namespace_new();
	if (host < 0)
		return host;
	shell("ip link set lo up");
	shell("ip link add toward mtu %u type veth peer name sensor mtu %u netns /proc/%d/fd/%d",
	      mtu, mtu, getpid(), appliance);
	shell("sysctl -qw net.ipv6.conf.toward.accept_dad=0");
	if (options[0] != '\0')
		shell("ethtool -K toward %s >/dev/null", options);
	shell("ip address add " LINK_HOST_IPV4 "/24 dev toward");
	shell("ip address add fd09::1/64 dev toward nodad");
	shell("ip link set toward up");
	enter(appliance);
	shell("ip link set lo up");
	shell("ip address add " LINK_APPLIANCE_IPV4 "/24 dev sensor");
	shell("ip address add " LINK_APPLIANCE_IPV6 "/64 dev sensor nodad");
	shell("ip link set sensor up");
	enter(host);
	/* Both ends know each other before anything is sent. */
	for (size_t i = 0; i < 2; i++)
		shell("for try in 1 2 3 4 5; do ping -q -c1 -W1 %s >/dev/null && exit; done; exit "
		      "1",
		      i == 0 ? LINK_APPLIANCE_IPV4 : LINK_APPLIANCE_IPV6);
	return 0;
}
