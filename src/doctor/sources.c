// SPDX-License-Identifier: Apache-2.0
/* The devices that are mirrored: whether they are there and up, and hand packets on as they were on the wire. */
#include "doctor/checks.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define CHECK "sources"

static void check_source(struct doctor *doctor, int socket, const char *device);

void check_sources(struct doctor *doctor)
{
	_cleanup_close_ int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!doctor->plan || descriptor < 0)
		return;
	for (size_t i = 0; i < doctor->plan->source_count; i++)
		check_source(doctor, descriptor, doctor->plan->sources[i].device);
}

/* What LRO has put together cannot be taken apart again as it was: it forgets options and boundaries. */
static void check_source(struct doctor *doctor, int socket, const char *device)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct ifreq request = {};

	memcpy(request.ifr_name, device, strnlen(device, IFNAMSIZ - 1));
	if (ioctl(socket, SIOCGIFFLAGS, &request) < 0) {
		doctor_say(doctor, VERDICT_WARNING, CHECK, "%s: there is no such device now",
			   device);
		return;
	}
	if ((request.ifr_flags & IFF_UP) == 0) {
		doctor_say(doctor, VERDICT_WARNING, CHECK, "%s is down", device);
		doctor_mend(doctor, "ip link set dev %s up", device);
		return;
	}
	request.ifr_data = (char *)&flags;
	if (ioctl(socket, SIOCETHTOOL, &request) < 0)
		doctor_say(doctor, VERDICT_UNSEEN, CHECK,
			   "%s is up; its offloads cannot be seen: %s", device,
			   strerrordesc_np(errno));
	else if ((flags.data & ETH_FLAG_LRO) != 0) {
		doctor_say(
			doctor, VERDICT_WARNING, CHECK,
			"%s joins packets by LRO, and their copies cannot be parted as they were",
			device);
		doctor_mend(doctor, "ethtool -K %s lro off", device);
	} else
		doctor_say(doctor, VERDICT_OK, CHECK, "%s is up, without LRO", device);
}
