// SPDX-License-Identifier: Apache-2.0
/* The kernel cuts super-packets itself before a device that cannot: the same packet goes through it and through the
 * segmenter, and what comes out has to be the same byte by byte.
 *
 * The packet enters through an AF_PACKET socket with a virtio header, as it would from a guest, on a veth without any
 * offload, and is read at the veth's other end.  Needs root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/segment.h"

#include "base/cleanup.h"
#include "ship/frame_example.h"
#include "ship/link_example.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif
#define CWR              0x80
#define UDP_SEGMENTS_MAX 64U

static int sender = -1, sensor = -1;
static struct frame_example frame;

static int packet_socket(const char *device, bool offload)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	int yes = offload, size = 8 << 20;

	assert_true(descriptor >= 0);
	address.sll_ifindex = (int)if_nametoindex(device);
	assert_int_equal(setsockopt(descriptor, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof(yes)), 0);
	assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)),
			 0);
	assert_int_equal(bind(descriptor, (const struct sockaddr *)&address, sizeof(address)), 0);
	return descriptor;
}

static uint8_t offload_type(const struct frame_wish *wish)
{
	if (wish->segment_size == 0)
		return VIRTIO_NET_HDR_GSO_NONE;
	if (wish->protocol == IPPROTO_UDP)
		return VIRTIO_NET_HDR_GSO_UDP_L4;
	return (uint8_t)((wish->version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
					     : VIRTIO_NET_HDR_GSO_TCPV6) |
			 (wish->tcp_flags & CWR ? VIRTIO_NET_HDR_GSO_ECN : 0));
}

/* Hands the frame to the kernel.  Returns false when it does not know this kind of offload. */
static bool frame_send(const struct frame_wish *wish)
{
	struct virtio_net_hdr header = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = offload_type(wish),
		.hdr_len = (uint16_t)(frame.record.packet_length - wish->payload_size),
		.gso_size = wish->segment_size,
		.csum_start = frame.record.transport_offset,
		.csum_offset = wish->protocol == IPPROTO_TCP ? 16 : 6,
	};
	struct iovec pieces[] = {
		{.iov_base = &header, .iov_len = sizeof(header)},
		{.iov_base = frame.bytes, .iov_len = frame.record.packet_length},
	};

	if (writev(sender, pieces, 2) > 0)
		return true;
	assert_int_equal(errno, EINVAL);
	return false;
}

/* The next of our packets at the other end, or 0 after a second of silence. */
static uint32_t frame_receive(uint8_t *ret_bytes, size_t size)
{
	struct pollfd poll_descriptor = {.fd = sensor, .events = POLLIN};

	while (poll(&poll_descriptor, 1, 1000) > 0) {
		ssize_t received = recv(sensor, ret_bytes, size, 0);

		if (received > 34 && memcmp(ret_bytes + 6, frame.bytes + 6, 6) == 0)
			return (uint32_t)received;
	}
	return 0;
}

static void expect_same(const struct frame_wish *wish)
{
	static uint8_t received[FRAME_EXAMPLE_SIZE], made[FRAME_EXAMPLE_SIZE];
	struct segmenter segmenter;
	struct segment segment;

	frame_example_build(wish, &frame);
	if (!frame_send(wish)) {
		print_message("this kernel does not take such a packet\n");
		return;
	}
	assert_int_equal(segmenter_init(&segmenter, &frame.record, frame.bytes, 0), 0);
	while (segmenter_next(&segmenter, made, &segment)) {
		uint32_t size = segment.header_size + segment.tail_size;

		memcpy(made + segment.header_size, segment.tail, segment.tail_size);
		assert_int_equal(frame_receive(received, sizeof(received)), size);
		assert_memory_equal(received, made, size);
	}
}

static const uint16_t segment_sizes[] = {0, 8, 97, 536, 1000, 1380};
static const uint32_t payload_sizes[] = {1, 1000, 1001, 1380};

static void cuts(uint8_t version, uint8_t protocol)
{
	for (unsigned int i = 0; i < 6 * 4 * 3; i++) {
		uint16_t segment_size = segment_sizes[i % 6];
		uint32_t payload_size = payload_sizes[i / 6 % 4];
		unsigned int options = i / 24 * 8;

		if (segment_size > 0)
			payload_size += segment_size * (i % 40);
		/* The kernel cuts no datagram into more. */
		if (protocol == IPPROTO_UDP && segment_size > 0 &&
		    payload_size > segment_size * UDP_SEGMENTS_MAX)
			continue;
		expect_same(&(struct frame_wish){
			.version = version,
			.protocol = protocol,
			.payload_size = payload_size,
			.segment_size = segment_size < payload_size ? segment_size : 0,
			.network_options = options,
			.transport_options = protocol == IPPROTO_TCP ? options : 0,
			.tcp_flags = (uint8_t)(0x10 | i * 37),
			/* Wraps around on the way; one that begins with zero is not the kernel's business
			 * alone (segment_test.c). */
			.identification = (uint16_t)(0xfff0 + i % 16),
			.placeholder = true,
		});
	}
}

static void tcp_over_ipv4(void **state)
{
	(void)state;
	cuts(4, IPPROTO_TCP);
}

static void tcp_over_ipv6(void **state)
{
	(void)state;
	cuts(6, IPPROTO_TCP);
}

static void udp_over_ipv4(void **state)
{
	(void)state;
	cuts(4, IPPROTO_UDP);
}

static void udp_over_ipv6(void **state)
{
	(void)state;
	cuts(6, IPPROTO_UDP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_over_ipv4),
		cmocka_unit_test(tcp_over_ipv6),
		cmocka_unit_test(udp_over_ipv4),
		cmocka_unit_test(udp_over_ipv6),
	};

	if (link_example_open(1500, "tx off tso off gso off tx-udp-segmentation off") < 0) {
		print_message("Making network namespaces needs root\n");
		return 77;
	}
	sender = packet_socket("toward", true);
	link_example_enter_appliance();
	sensor = packet_socket("sensor", false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
