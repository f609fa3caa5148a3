// SPDX-License-Identifier: Apache-2.0
/* The device only shows frames: the machine's own stack must neither answer them nor speak on it.  So there is no
 * address, no ARP, and IPv6 is off before the device comes up. */
#include "base/refusal.h"
#include "cli/decapsulate.h"
#include "cli/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define TUN_DEVICE "/dev/net/tun"

struct tap_sink {
	struct sink sink;
	int descriptor;
};

static int tap_write(struct sink *sink, const struct frame *frame, uint64_t timestamp);
static int tap_flush(struct sink *sink);
static void tap_free(struct sink *sink);
static int tap_attach(int descriptor, const char *name);
static void tap_silence(const char *name);
static int tap_bring_up(const char *name);

static const struct sink_operations tap_operations = {
	.write = tap_write,
	.flush = tap_flush,
	.free = tap_free,
};

int sink_open_tap(const char *name, struct sink **ret_sink, struct refusal *why)
{
	_cleanup_close_ int descriptor = -1;
	struct tap_sink *tap;
	int r;

	if (strlen(name) >= IFNAMSIZ || !name[0] || strchr(name, '/'))
		return refuse(why, 0, "'%s' is no name for a device", name);
	descriptor = open(TUN_DEVICE, O_RDWR | O_CLOEXEC);
	if (descriptor < 0)
		return refuse(why, 0, "%s: %s", TUN_DEVICE, strerror(errno));
	r = tap_attach(descriptor, name);
	if (r == 0) {
		tap_silence(name);
		r = tap_bring_up(name);
	}
	if (r < 0)
		return refuse(why, 0, "TAP device '%s': %s", name, strerror(-r));
	tap = calloc(1, sizeof(*tap));
	if (!tap)
		return -ENOMEM;
	tap->sink.operations = &tap_operations;
	tap->descriptor = TAKE_FD(descriptor);
	*ret_sink = &tap->sink;
	return 0;
}

static int tap_write(struct sink *sink, const struct frame *frame, uint64_t timestamp _unused_)
{
	struct tap_sink *tap = (struct tap_sink *)sink;

	if (write(tap->descriptor, frame->bytes, frame->size) < 0)
		return -errno;
	return 0;
}

static int tap_flush(struct sink *sink _unused_)
{
	return 0;
}

static void tap_free(struct sink *sink)
{
	struct tap_sink *tap = (struct tap_sink *)sink;

	close(tap->descriptor);
	free(tap);
}

static struct ifreq request_for(const char *name)
{
	struct ifreq request = {};

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return request;
}

static int tap_attach(int descriptor, const char *name)
{
	struct ifreq request = request_for(name);

	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	return ioctl(descriptor, TUNSETIFF, &request) < 0 ? -errno : 0;
}

/* Best effort: a kernel without IPv6 has no such file. */
static void tap_silence(const char *name)
{
	_cleanup_close_ int descriptor = -1;
	char path[64 + IFNAMSIZ];

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor >= 0 && write(descriptor, "1", 1) < 0)
		return;
}

static int tap_bring_up(const char *name)
{
	_cleanup_close_ int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = request_for(name);

	if (descriptor < 0 || ioctl(descriptor, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	request.ifr_flags |= IFF_UP | IFF_NOARP;
	return ioctl(descriptor, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}
