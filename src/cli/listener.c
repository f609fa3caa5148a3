// SPDX-License-Identifier: Apache-2.0
#include "cli/listener.h"

#include "base/clock.h"
#include "base/refusal.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <time.h>

#define RECEIVE_BUFFER (64 << 20)
#define DATAGRAM_MAX   65536

struct slot {
	uint8_t bytes[DATAGRAM_MAX];
	struct iovec piece;
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr aligned;
	} control;
};

struct listener {
	int descriptor;
	struct slot slots[LISTENER_BATCH];
	struct mmsghdr messages[LISTENER_BATCH];
	struct datagram datagrams[LISTENER_BATCH];
};

static int socket_open(const struct address *address, uint16_t port, struct refusal *why);
static int socket_configure(int descriptor, int family);
static uint64_t message_timestamp(struct msghdr *message);

int listener_open(const struct address *address, uint16_t port, struct listener **ret_listener,
		  struct refusal *why)
{
	_cleanup_(listener_freep) struct listener *listener = NULL;
	int descriptor;

	listener = calloc(1, sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	listener->descriptor = -1;
	descriptor = socket_open(address, port, why);
	if (descriptor < 0)
		return REFUSED;
	listener->descriptor = descriptor;
	*ret_listener = TAKE_PTR(listener);
	return 0;
}

void listener_free(struct listener *listener)
{
	if (listener && listener->descriptor >= 0)
		close(listener->descriptor);
	free(listener);
}

int listener_descriptor(const struct listener *listener)
{
	return listener->descriptor;
}

int listener_receive(struct listener *listener, const struct datagram **ret_datagrams,
		     size_t *ret_count)
{
	int count;

	for (size_t i = 0; i < LISTENER_BATCH; i++) {
		struct slot *slot = &listener->slots[i];

		slot->piece = (struct iovec){slot->bytes, sizeof(slot->bytes)};
		listener->messages[i].msg_hdr = (struct msghdr){
			.msg_iov = &slot->piece,
			.msg_iovlen = 1,
			.msg_control = slot->control.bytes,
			.msg_controllen = sizeof(slot->control.bytes),
		};
	}
	*ret_count = 0;
	count = recvmmsg(listener->descriptor, listener->messages, LISTENER_BATCH, MSG_DONTWAIT,
			 NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++)
		listener->datagrams[i] = (struct datagram){
			.bytes = listener->slots[i].bytes,
			.size = listener->messages[i].msg_len,
			.timestamp = message_timestamp(&listener->messages[i].msg_hdr),
		};
	*ret_datagrams = listener->datagrams;
	*ret_count = (size_t)count;
	return 0;
}

uint64_t listener_dropped(const struct listener *listener)
{
	uint32_t values[SK_MEMINFO_VARS] = {};
	socklen_t size = sizeof(values);

	if (getsockopt(listener->descriptor, SOL_SOCKET, SO_MEMINFO, values, &size) < 0)
		return 0;
	return values[SK_MEMINFO_DROPS];
}

/* Returns a descriptor, or -1 with the reason in 'why'. */
static int socket_bind(const struct address *address, uint16_t port)
{
	int family = address->family == 4 ? AF_INET : AF_INET6;
	_cleanup_close_ int descriptor = -1;
	struct sockaddr_storage socket_address;
	socklen_t length = address_to_socket(address, port, &socket_address);

	descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0 || socket_configure(descriptor, family) < 0 ||
	    bind(descriptor, (struct sockaddr *)&socket_address, length) < 0)
		return -errno;
	return TAKE_FD(descriptor);
}

static int socket_open(const struct address *address, uint16_t port, struct refusal *why)
{
	static const struct address any_ipv6 = {.family = 6}, any_ipv4 = {.family = 4};
	char text[ADDRESS_TEXT_SIZE];
	int r;

	r = socket_bind(address->family ? address : &any_ipv6, port);
	/* A machine may have no IPv6. */
	if (!address->family && (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL))
		r = socket_bind(&any_ipv4, port);
	if (r >= 0)
		return r;
	address_format(address->family ? address : &any_ipv6, text);
	(void)refuse(why, 0, "UDP port %u of %s: %s", port, text, strerror(-r));
	return -1;
}

/* The buffer may be as large as wished only for root; the rest is required. */
static int socket_configure(int descriptor, int family)
{
	int buffer = RECEIVE_BUFFER, on = 1, off = 0;

	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (family == AF_INET6 &&
	    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
		return -1;
	return setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

static uint64_t message_timestamp(struct msghdr *message)
{
	struct cmsghdr *item;
	struct timespec time;

	for (item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item)) {
		if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&time, CMSG_DATA(item), sizeof(time));
		return (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
	}
	return (uint64_t)clock_realtime() * NSEC_PER_MSEC;
}
