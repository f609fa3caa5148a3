// SPDX-License-Identifier: Apache-2.0
#include "cli/listener.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <string.h>
#include <time.h>

#define RECEIVE_BUFFER (64 << 20)
#define BATCH_SIZE     64
#define MESSAGE_MAX    65536

struct slot {
	uint8_t bytes[MESSAGE_MAX];
	struct iovec piece;
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control;
};

/* What came with a message. */
struct notes {
	uint64_t timestamp;
	size_t segment_size; /* Of a train, all but the last wagon; 0: it is none. */
};

struct listener {
	int descriptor;
	struct slot slots[BATCH_SIZE];
	struct mmsghdr messages[BATCH_SIZE];
	size_t message_count;
	size_t current;     /* The message being taken apart… */
	size_t offset;      /* …how far… */
	struct notes notes; /* …and what came with it. */
};

static int socket_open(const struct address *address, uint16_t port, struct refusal *why);
static int socket_configure(int descriptor, int family);
static void slots_prepare(struct listener *listener);
static struct notes notes_read(struct msghdr *message);

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

int listener_receive(struct listener *listener)
{
	int count;

	slots_prepare(listener);
	listener->message_count = 0;
	listener->current = 0;
	listener->offset = 0;
	count = recvmmsg(listener->descriptor, listener->messages, BATCH_SIZE, MSG_DONTWAIT, NULL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	listener->message_count = (size_t)count;
	return 0;
}

bool listener_next(struct listener *listener, struct datagram *ret_datagram)
{
	struct mmsghdr *message = &listener->messages[listener->current];
	size_t left;

	if (listener->current >= listener->message_count)
		return false;
	if (listener->offset == 0)
		listener->notes = notes_read(&message->msg_hdr);
	left = message->msg_len - listener->offset;
	if (listener->notes.segment_size > 0)
		left = MIN(left, listener->notes.segment_size);
	*ret_datagram = (struct datagram){
		.bytes = listener->slots[listener->current].bytes + listener->offset,
		.size = left,
		.timestamp = listener->notes.timestamp,
	};
	listener->offset += left;
	if (listener->offset >= message->msg_len) {
		listener->current++;
		listener->offset = 0;
	}
	return true;
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

/* The buffer may be as large as wished only for root, and trains are a gift; the rest is required. */
static int socket_configure(int descriptor, int family)
{
	int buffer = RECEIVE_BUFFER, on = 1, off = 0;

	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	(void)setsockopt(descriptor, SOL_UDP, UDP_GRO, &on, sizeof(on));
	if (family == AF_INET6 &&
	    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
		return -1;
	return setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

static void slots_prepare(struct listener *listener)
{
	for (size_t i = 0; i < BATCH_SIZE; i++) {
		struct slot *slot = &listener->slots[i];

		slot->piece = (struct iovec){slot->bytes, sizeof(slot->bytes)};
		listener->messages[i].msg_hdr = (struct msghdr){
			.msg_iov = &slot->piece,
			.msg_iovlen = 1,
			.msg_control = slot->control.bytes,
			.msg_controllen = sizeof(slot->control.bytes),
		};
	}
}

static struct notes notes_read(struct msghdr *message)
{
	struct notes notes = {};
	struct cmsghdr *item;

	for (item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item)) {
		struct timespec time;
		int size;

		if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&time, CMSG_DATA(item), sizeof(time));
			notes.timestamp =
				(uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
		} else if (item->cmsg_level == SOL_UDP && item->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(item), sizeof(size));
			notes.segment_size = size > 0 ? (size_t)size : 0;
		}
	}
	if (notes.timestamp == 0)
		notes.timestamp = (uint64_t)clock_realtime() * NSEC_PER_MSEC;
	return notes;
}
