// SPDX-License-Identifier: Apache-2.0
/* The checks that are one socket: TCP connects; UDP sends an empty datagram and listens for complaints; ICMP sends an echo.
 *
 * The hard one is UDP, where silence is health: a sensor answers nothing.  What speaks against it is the appliance's "port
 * unreachable", a router's complaint, or a neighbour that does not answer the kernel. */
#include "base/random.h"
#include "health/probe_kind.h"
#include "net/neighbour.h"
#include "net/route.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_SIZE_MAX 256 /* IPv4's longest header, and more than an echo of ours. */

/* Both families' echoes look the same. */
struct echo {
	uint8_t type, code;
	uint16_t checksum; /* IPv6's is the kernel's. */
	uint16_t id, sequence;
	uint64_t token;
} __attribute__((packed));

static int tcp_start(struct probe *probe, const struct health_check *check);
static enum finding tcp_read(struct probe *probe);
static int udp_start(struct probe *probe, const struct health_check *check);
static enum finding udp_read(struct probe *probe);
static enum finding udp_expire(const struct probe *probe);
static int icmp_start(struct probe *probe, const struct health_check *check);
static enum finding icmp_read(struct probe *probe);
static int socket_connect(struct probe *probe, uint16_t port);
static int want_complaints(const struct probe *probe);
static int take_error(const struct probe *probe);
static int filter_replies(const struct probe *probe);
static uint16_t checksum(const void *bytes, size_t size);

const struct probe_kind probe_tcp = {tcp_start, tcp_read, POLLOUT, probe_expire_silent};
const struct probe_kind probe_udp = {udp_start, udp_read, POLLIN, udp_expire};
const struct probe_kind probe_icmp = {icmp_start, icmp_read, POLLIN, probe_expire_silent};

/* A socket that carries the mark and does not block, in probe->socket.  Returns 0 or a fault. */
static int probe_open_socket(struct probe *probe, int type, int protocol)
{
	int family = probe->address.family == 4 ? AF_INET : AF_INET6;

	probe->socket = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (probe->socket < 0)
		return -errno;
	if (probe->mark != 0 &&
	    setsockopt(probe->socket, SOL_SOCKET, SO_MARK, &probe->mark, sizeof(probe->mark)) < 0)
		return -errno;
	return 0;
}

static int tcp_start(struct probe *probe, const struct health_check *check)
{
	int r = probe_open_socket(probe, SOCK_STREAM, 0);

	(void)check;
	if (r == 0)
		r = socket_connect(probe, probe->port);
	return r == -EINPROGRESS ? 0 : r;
}

static enum finding tcp_read(struct probe *probe)
{
	int error = take_error(probe);

	return error == 0 ? FINDING_PASSED : probe_judge_error(error);
}

static int udp_start(struct probe *probe, const struct health_check *check)
{
	int r = probe_open_socket(probe, SOCK_DGRAM, 0);

	(void)check;
	if (r == 0)
		r = want_complaints(probe);
	if (r == 0)
		r = socket_connect(probe, probe->port);
	if (r == 0 && send(probe->socket, "", 0, 0) < 0)
		r = -errno;
	return r;
}

static enum finding udp_read(struct probe *probe)
{
	char answer[1];
	int error = take_error(probe);

	if (error != 0)
		return probe_judge_error(error);
	if (recv(probe->socket, answer, sizeof(answer), 0) >= 0)
		return FINDING_PASSED;
	return errno == EAGAIN ? FINDING_PENDING : probe_judge_error(errno);
}

/* The kernel gives up a neighbour after some three seconds, a check maybe earlier. */
static enum finding udp_expire(const struct probe *probe)
{
	enum neighbour neighbour = NEIGHBOUR_UNKNOWN;
	struct route route;
	int r = route_lookup(&probe->address, probe->mark, &route);

	if (r == ROUTE_MISSING)
		return FINDING_FAILED;
	if (r == 0 && route.neighbourly)
		r = neighbour_lookup(route.ifindex, &route.next_hop, &neighbour);
	if (r < 0)
		return FINDING_FAULT;
	return neighbour == NEIGHBOUR_FAILED || neighbour == NEIGHBOUR_ASKED ? FINDING_TIMED_OUT
									     : FINDING_PASSED;
}

static int icmp_start(struct probe *probe, const struct health_check *check)
{
	bool short_form = probe->address.family == 4;
	struct echo echo = {.type = short_form ? ICMP_ECHO : ICMP6_ECHO_REQUEST};
	int r = probe_open_socket(probe, SOCK_RAW, short_form ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	(void)check;
	if (r == 0)
		r = filter_replies(probe);
	if (r == 0)
		r = want_complaints(probe);
	if (r == 0)
		r = socket_connect(probe, 0);
	if (r < 0)
		return r;
	probe->token = echo.token = random_number();
	echo.id = (uint16_t)probe->token;
	if (short_form)
		echo.checksum = checksum(&echo, sizeof(echo));
	return send(probe->socket, &echo, sizeof(echo), 0) < 0 ? -errno : 0;
}

/* A raw socket hears the replies to everybody's echoes from this address. */
static enum finding icmp_read(struct probe *probe)
{
	uint8_t answer[ANSWER_SIZE_MAX];
	int error = take_error(probe);
	ssize_t size;

	if (error != 0)
		return probe_judge_error(error);
	while ((size = recv(probe->socket, answer, sizeof(answer), 0)) >= 0) {
		size_t skip = probe->address.family == 4 && size > 0 ? (answer[0] & 15U) * 4 : 0;
		struct echo echo;

		if ((size_t)size < skip + sizeof(echo))
			continue;
		memcpy(&echo, answer + skip, sizeof(echo));
		if (echo.token == probe->token)
			return FINDING_PASSED;
	}
	return errno == EAGAIN ? FINDING_PENDING : probe_judge_error(errno);
}

static int socket_connect(struct probe *probe, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length = address_to_socket(&probe->address, port, &address);

	return connect(probe->socket, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
}

/* Without this a datagram socket hears of closed ports, but not of hosts that cannot be reached. */
static int want_complaints(const struct probe *probe)
{
	bool short_form = probe->address.family == 4;
	int on = 1;

	return setsockopt(probe->socket, short_form ? IPPROTO_IP : IPPROTO_IPV6,
			  short_form ? IP_RECVERR : IPV6_RECVERR, &on, sizeof(on)) < 0
		       ? -errno
		       : 0;
}

/* What the socket has suffered since the last call; 0: nothing. */
static int take_error(const struct probe *probe)
{
	int error = 0;
	socklen_t size = sizeof(error);

	return getsockopt(probe->socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

static int filter_replies(const struct probe *probe)
{
	struct icmp_filter replies = {~(1U << ICMP_ECHOREPLY)};
	struct icmp6_filter replies6;
	int r;

	ICMP6_FILTER_SETBLOCKALL(&replies6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &replies6);
	if (probe->address.family == 4)
		r = setsockopt(probe->socket, SOL_RAW, ICMP_FILTER, &replies, sizeof(replies));
	else
		r = setsockopt(probe->socket, IPPROTO_ICMPV6, ICMP6_FILTER, &replies6,
			       sizeof(replies6));
	return r < 0 ? -errno : 0;
}

/* RFC 1071, over whole words. */
static uint16_t checksum(const void *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t word;

		memcpy(&word, (const char *)bytes + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
