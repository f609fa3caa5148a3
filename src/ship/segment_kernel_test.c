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
#include "ship/octets.h"
#include "ship/tunnel_example.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
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

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "ship/tunnel_example.skel.h"
#pragma GCC diagnostic pop

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif
#define CWR              0x80
#define UDP_SEGMENTS_MAX 64U

#define ETHERNET_SIZE 14U

static int sender = -1, sensor = -1;
static struct tunnel_bpf *wrapping;
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

/* Has the kernel put around the frame to come what the example has around its wrapped packet. */
static void tunnel_prepare(const struct frame_wish *wish)
{
	static const uint64_t kinds[] = {
		[CAPTURE_TUNNEL_UDP] = BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
				       BPF_F_ADJ_ROOM_ENCAP_L2(ETHERNET_SIZE) |
				       BPF_F_ADJ_ROOM_ENCAP_L2_ETH,
		[CAPTURE_TUNNEL_GRE] = BPF_F_ADJ_ROOM_ENCAP_L4_GRE,
		[CAPTURE_TUNNEL_IP] = 0,
	};
	struct tunnel_example tunnel = {.flags = BPF_F_ADJ_ROOM_FIXED_GSO};
	uint32_t first = 0;

	if (wish->tunnel.kind != CAPTURE_TUNNEL_NONE) {
		tunnel.flags |= kinds[wish->tunnel.kind];
		tunnel.flags |= wish->tunnel.version == 4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4
							  : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
		tunnel.type = htons(wish->tunnel.version == 4 ? ETH_P_IP : ETH_P_IPV6);
		tunnel.size = frame.record.inner_network_offset - ETHERNET_SIZE;
		assert_true(tunnel.size <= sizeof(tunnel.headers));
		memcpy(tunnel.headers, frame.bytes + ETHERNET_SIZE, tunnel.size);
	}
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(wrapping->maps.tunnels), &first, &tunnel, BPF_ANY),
		0);
}

/* Hands the frame to the kernel, without what the kernel is to put around it.  Returns false when it does not know this
 * kind of offload. */
static bool frame_send(const struct frame_wish *wish)
{
	bool tunnel = wish->tunnel.kind != CAPTURE_TUNNEL_NONE;
	uint16_t network = tunnel ? frame.record.inner_network_offset : ETHERNET_SIZE;
	struct virtio_net_hdr header = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = offload_type(wish),
		.hdr_len = (uint16_t)(frame.record.packet_length - wish->payload_size - network +
				      ETHERNET_SIZE),
		.gso_size = wish->segment_size,
		.csum_start = (uint16_t)(frame.record.checksum_start - network + ETHERNET_SIZE),
		.csum_offset = frame.record.checksum_offset,
	};
	uint8_t ethernet[ETHERNET_SIZE];
	struct iovec pieces[] = {
		{.iov_base = &header, .iov_len = sizeof(header)},
		{.iov_base = ethernet, .iov_len = sizeof(ethernet)},
		{.iov_base = frame.bytes + network,
		 .iov_len = frame.record.packet_length - network},
	};

	memcpy(ethernet, frame.bytes, sizeof(ethernet));
	store16(ethernet + 12, wish->version == 4 ? ETH_P_IP : ETH_P_IPV6);
	tunnel_prepare(wish);
	if (writev(sender, pieces, 3) > 0)
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

/* What an earlier test that failed left behind. */
static int leftovers_forget(void **state)
{
	static uint8_t received[FRAME_EXAMPLE_SIZE];

	(void)state;
	while (recv(sensor, received, sizeof(received), MSG_DONTWAIT) > 0)
		;
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

/* Beyond 64 KiB IPv4 states no length, and IPv6 one in a header that the kernel takes out before it cuts. */
static void tcp_beyond_64_kib(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		expect_same(&(struct frame_wish){
			.version = i % 2 ? 6 : 4,
			.protocol = IPPROTO_TCP,
			.payload_size = 66000 + i * 9001,
			.segment_size = (uint16_t)(1380 - i),
			.transport_options = 12,
			.tcp_flags = 0x19,
			.identification = 0xfff0,
			.jumbo = i % 2,
			.placeholder = true,
		});
}

static void wrapped(uint8_t kind, uint8_t protocol)
{
	for (unsigned int i = 0; i < 2 * 2 * 6 * 4; i++) {
		uint16_t segment_size = segment_sizes[i / 4 % 6];
		uint32_t payload_size = payload_sizes[i / 24] + segment_size * (i % 31);

		if (segment_size == 0 || payload_size <= segment_size ||
		    (protocol == IPPROTO_UDP && payload_size > segment_size * UDP_SEGMENTS_MAX))
			continue;
		expect_same(&(struct frame_wish){
			.version = i % 2 ? 6 : 4,
			.protocol = protocol,
			.payload_size = payload_size,
			.segment_size = segment_size,
			.transport_options = protocol == IPPROTO_TCP ? 12 : 0,
			.tcp_flags = (uint8_t)(0x10 | i * 37),
			.identification = (uint16_t)(0xfff0 + i % 16),
			.placeholder = true,
			.tunnel = {.kind = kind,
				   .version = i / 2 % 2 ? 6 : 4,
				   .identification = (uint16_t)(0xffe0 + i % 32)},
		});
	}
}

static void tcp_in_vxlan(void **state)
{
	(void)state;
	wrapped(CAPTURE_TUNNEL_UDP, IPPROTO_TCP);
}

static void udp_in_vxlan(void **state)
{
	(void)state;
	wrapped(CAPTURE_TUNNEL_UDP, IPPROTO_UDP);
}

static void tcp_in_gre(void **state)
{
	(void)state;
	wrapped(CAPTURE_TUNNEL_GRE, IPPROTO_TCP);
}

static void tcp_in_ip(void **state)
{
	(void)state;
	wrapped(CAPTURE_TUNNEL_IP, IPPROTO_TCP);
}

static void udp_in_ip(void **state)
{
	(void)state;
	wrapped(CAPTURE_TUNNEL_IP, IPPROTO_UDP);
}

static void wrapping_begin(void)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("toward"),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, classifier);

	wrapping = tunnel_bpf__open_and_load();
	assert_non_null(wrapping);
	classifier.prog_fd = bpf_program__fd(wrapping->progs.tunnel_wrap);
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &classifier), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(tcp_over_ipv4, leftovers_forget),
		cmocka_unit_test_setup(tcp_over_ipv6, leftovers_forget),
		cmocka_unit_test_setup(udp_over_ipv4, leftovers_forget),
		cmocka_unit_test_setup(udp_over_ipv6, leftovers_forget),
		cmocka_unit_test_setup(tcp_beyond_64_kib, leftovers_forget),
		cmocka_unit_test_setup(tcp_in_vxlan, leftovers_forget),
		cmocka_unit_test_setup(udp_in_vxlan, leftovers_forget),
		cmocka_unit_test_setup(tcp_in_gre, leftovers_forget),
		cmocka_unit_test_setup(tcp_in_ip, leftovers_forget),
		cmocka_unit_test_setup(udp_in_ip, leftovers_forget),
	};
	int failed;

	if (link_example_open(1700, "tx off tso off gso off tx-udp-segmentation off") < 0) {
		print_message("Making network namespaces needs root\n");
		return 77;
	}
	sender = packet_socket("toward", true);
	wrapping_begin();
	link_example_enter_appliance();
	sensor = packet_socket("sensor", false);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	tunnel_bpf__destroy(wrapping);
	return failed;
}
