// SPDX-License-Identifier: Apache-2.0
#include "ship/lane.h"

#include "base/count.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

#define SEND_BUFFER_SIZE (4 << 20)
#define HOP_LIMIT        64
#define PORT_MAX         65535

struct lane_option {
	int level, name, value;
};

/* Datagrams are never fragmented: one that does not fit fails with EMSGSIZE, and the path's MTU is learned.
 * RECVERR is what makes a full device queue fail with ENOBUFS rather than pass in silence. */
static const struct lane_option common_options[] = {
	{SOL_SOCKET, SO_REUSEPORT, 1},
	{SOL_SOCKET, SO_RCVBUF, 0},
};

static const struct lane_option ipv4_options[] = {
	{IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO},
	{IPPROTO_IP, IP_TTL, HOP_LIMIT},
	{IPPROTO_IP, IP_RECVERR, 1},
};

static const struct lane_option ipv6_options[] = {
	{IPPROTO_IPV6, IPV6_V6ONLY, 1},
	{IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO},
	{IPPROTO_IPV6, IPV6_UNICAST_HOPS, HOP_LIMIT},
	{IPPROTO_IPV6, IPV6_RECVERR, 1},
};

static int messages_send(int socket, struct mmsghdr *messages, unsigned int count);
static int lanes_open_at(uint16_t port_base, uint32_t mark, struct lanes *ret_lanes);
static int lane_open(enum lane_manner manner, uint16_t port, uint32_t mark, int *ret_socket);
static int lane_configure(int socket, enum lane_manner manner, uint32_t mark);
static int input_drop(int socket);
static int options_set(int socket, const struct lane_option *options, size_t count);
static void send_buffer_enlarge(int socket);
static int lane_bind(int socket, enum lane_manner manner, uint16_t port);

int lanes_open(uint16_t port_base, uint32_t mark, struct lanes *ret_lanes, struct refusal *why)
{
	uint32_t first = port_base != 0 ? port_base : SHIP_PORT_BASE_DEFAULT;
	int r = -EADDRINUSE;

	for (uint32_t base = first; base + SHIP_PORT_COUNT - 1 <= PORT_MAX && r == -EADDRINUSE;
	     base += SHIP_PORT_COUNT)
		r = lanes_open_at((uint16_t)base, mark, ret_lanes);
	if (r == -EADDRINUSE)
		return refuse(why, REFUSE_UNAVAILABLE,
			      "No %d consecutive UDP ports are free from port %u on",
			      SHIP_PORT_COUNT, first);
	if (r == -EPERM)
		return refuse(why, REFUSE_UNAVAILABLE,
			      "Marking packets with %#x needs the capability CAP_NET_ADMIN", mark);
	return r;
}

void lanes_close(struct lanes *lanes)
{
	for (unsigned int lane = 0; lane < LANE_COUNT; lane++) {
		closep(&lanes->sockets[lane]);
		lanes->sockets[lane] = -1;
	}
}

int lanes_send(const struct lanes *lanes, unsigned int lane, struct mmsghdr *messages,
	       unsigned int count)
{
	int sent;

	if (lanes->sockets[lane] < 0)
		return -ENETUNREACH;
	do
		sent = messages_send(lanes->sockets[lane], messages, count);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

/* A message alone, which a run of segments is, goes by the lighter call: it spares 150 ns of some 4 us. */
static int messages_send(int socket, struct mmsghdr *messages, unsigned int count)
{
	if (count > 1)
		return sendmmsg(socket, messages, count, MSG_DONTWAIT);
	return sendmsg(socket, &messages->msg_hdr, MSG_DONTWAIT) < 0 ? -1 : 1;
}

/* All lanes on one block of ports.  Returns 0, -EADDRINUSE when a port is taken, or another fault. */
static int lanes_open_at(uint16_t port_base, uint32_t mark, struct lanes *ret_lanes)
{
	_cleanup_lanes_ struct lanes lanes = {.port_base = port_base};
	int r;

	memset(lanes.sockets, -1, sizeof(lanes.sockets));
	for (unsigned int lane = 0; lane < LANE_COUNT; lane++) {
		r = lane_open(lane / SHIP_PORT_COUNT,
			      (uint16_t)(port_base + lane % SHIP_PORT_COUNT), mark,
			      &lanes.sockets[lane]);
		if (r < 0)
			return r;
	}
	*ret_lanes = lanes;
	memset(lanes.sockets, -1, sizeof(lanes.sockets));
	return 0;
}

/* A host without IPv6 has no such lanes, which is no fault: nothing can be sent to an IPv6 appliance there. */
static int lane_open(enum lane_manner manner, uint16_t port, uint32_t mark, int *ret_socket)
{
	_cleanup_close_ int descriptor = -1;
	int r;

	descriptor = socket(manner == LANE_IPV6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return errno == EAFNOSUPPORT ? 0 : -errno;
	r = lane_configure(descriptor, manner, mark);
	if (r == 0)
		r = lane_bind(descriptor, manner, port);
	if (r < 0)
		return r;
	*ret_socket = TAKE_FD(descriptor);
	return 0;
}

static int lane_configure(int socket, enum lane_manner manner, uint32_t mark)
{
	struct lane_option marked[] = {{SOL_SOCKET, SO_MARK, (int)mark}};
	struct lane_option plain[] = {{SOL_SOCKET, SO_NO_CHECK, 1}};
	int r;

	r = input_drop(socket);
	if (r == 0)
		r = options_set(socket, common_options, ARRAY_SIZE(common_options));
	if (r == 0 && manner == LANE_IPV6)
		r = options_set(socket, ipv6_options, ARRAY_SIZE(ipv6_options));
	if (r == 0 && manner != LANE_IPV6)
		r = options_set(socket, ipv4_options, ARRAY_SIZE(ipv4_options));
	if (r == 0 && manner == LANE_IPV4_PLAIN)
		r = options_set(socket, plain, ARRAY_SIZE(plain));
	if (r == 0 && mark != 0)
		r = options_set(socket, marked, ARRAY_SIZE(marked));
	send_buffer_enlarge(socket);
	return r;
}

static int input_drop(int socket)
{
	struct sock_filter instructions[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = ARRAY_SIZE(instructions), .filter = instructions};

	if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

static int options_set(int socket, const struct lane_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (setsockopt(socket, options[i].level, options[i].name, &options[i].value,
			       sizeof(options[i].value)) < 0)
			return -errno;
	return 0;
}

/* Beyond net.core.wmem_max if we may, else as much as anybody. */
static void send_buffer_enlarge(int socket)
{
	int size = SEND_BUFFER_SIZE;

	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int lane_bind(int socket, enum lane_manner manner, uint16_t port)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	int r;

	if (manner == LANE_IPV6)
		r = bind(socket, (const struct sockaddr *)&any6, sizeof(any6));
	else
		r = bind(socket, (const struct sockaddr *)&any4, sizeof(any4));
	return r < 0 ? -errno : 0;
}
