// SPDX-License-Identifier: Apache-2.0
/* Scenes for tests of the data plane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "mirror/refusals.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <glob.h>
#include <linux/if_packet.h>
#include <linux/magic.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif
#define BPFFS "/sys/fs/bpf"

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

void scene_require_root(void)
{
	if (geteuid() == 0)
		return;
	(void)fprintf(stderr, "skipped: loading programs into the kernel needs root\n");
	exit(77);
}

static void bpffs_mount(void)
{
	struct statfs status;

	if (statfs(BPFFS, &status) == 0 && status.f_type == BPF_FS_MAGIC)
		return;
	assert_int_equal(mount("bpf", BPFFS, "bpf", 0, NULL), 0);
}

static void event_ready(void *context)
{
	struct scene *scene = context;

	scene->ready_count++;
}

static void event_failed(void *context, int ifindex, int error)
{
	struct scene *scene = context;

	(void)ifindex;
	scene->failed_count++;
	scene->last_error = error;
}

static void record_caught(struct scene *scene, const struct capture_record *record, uint32_t size)
{
	if (size == 0) {
		scene->unsound_count++;
		return;
	}
	assert_true(size >= sizeof(*record) + record->captured_length);
	free(scene->caught.bytes);
	scene->caught.record = *record;
	scene->caught.bytes = malloc(record->captured_length);
	memcpy(scene->caught.bytes, record + 1, record->captured_length);
	if (scene->caught_count < SCENE_RECORDS)
		scene->records[scene->caught_count] = *record;
	scene->caught_count++;
}

/* The agent's capabilities for what the agent does, so that the program is verified and compiled as in production:
 * without CAP_PERFMON the kernel adds its defences against speculation.  TMIRROR_ALL_CAPABILITIES=1 leaves this out,
 * to measure what they cost. */
static void privilege_lower(void)
{
	static const cap_value_t held[] = {CAP_BPF, CAP_NET_ADMIN};
	cap_t capabilities = cap_get_proc();

	if (getenv("TMIRROR_ALL_CAPABILITIES")) {
		(void)cap_free(capabilities);
		return;
	}
	assert_int_equal(cap_clear_flag(capabilities, CAP_EFFECTIVE), 0);
	assert_int_equal(cap_set_flag(capabilities, CAP_EFFECTIVE, ARRAY_SIZE(held), held, CAP_SET),
			 0);
	assert_int_equal(cap_set_proc(capabilities), 0);
	(void)cap_free(capabilities);
}

static void privilege_raise(void)
{
	cap_t capabilities = cap_get_proc();

	for (cap_value_t value = 0; value <= cap_max_bits() - 1; value++) {
		cap_flag_value_t permitted = CAP_CLEAR;

		if (cap_get_flag(capabilities, value, CAP_PERMITTED, &permitted) == 0)
			(void)cap_set_flag(capabilities, CAP_EFFECTIVE, 1, &value, permitted);
	}
	assert_int_equal(cap_set_proc(capabilities), 0);
	(void)cap_free(capabilities);
}

static void scene_open(struct scene *scene)
{
	struct capture_options options = {
		.directory = scene->directory,
		.ring_size = SCENE_RING_SIZE,
		.mark = SCENE_MARK,
		.attach = scene->attach,
	};
	const struct capture_ring *rings;
	struct refusal why = {};
	size_t count;
	int r;

	privilege_lower();
	r = capture_open(&options, &scene->capture, &why);
	privilege_raise();
	if (r != 0)
		fail_msg("capture_open: %d %s", r, why.text);
	rings = capture_get_rings(scene->capture, &count);
	scene->readers = calloc(count, sizeof(*scene->readers));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			ring_open(rings[i].data, rings[i].head, rings[i].size, &scene->readers[i]),
			0);
}

static void scene_close(struct scene *scene)
{
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		ring_close(&scene->readers[i]);
	free(scene->readers);
	capture_free(scene->capture);
	for (int i = 0; i < DIRECTION_COUNT; i++)
		closep(&scene->programs[i]);
	scene->programs[0] = scene->programs[1] = -1;
}

/* What killed runs left behind: their process is gone, and nobody holds the directory. */
static void leftovers_remove(void)
{
	glob_t found = {};
	int process;

	(void)glob(BPFFS "/tmirror-test-*", 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (sscanf(found.gl_pathv[i], BPFFS "/tmirror-test-%d", &process) == 1 &&
		    kill(process, 0) < 0 && errno == ESRCH)
			(void)capture_detach(found.gl_pathv[i], NULL);
	globfree(&found);
}

int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	bpffs_mount();
	leftovers_remove();
	run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1"); /* The kernel's own packets. */
	run("ip link add plain mtu 65535 type veth peer name plain-peer mtu 65535 && ip link set "
	    "plain up && "
	    "ip link set plain-peer up && ip link add guest type veth peer name guest-peer");
	(void)snprintf(scene->directory, sizeof(scene->directory), BPFFS "/tmirror-test-%d",
		       getpid());
	scene->programs[0] = scene->programs[1] = -1;
	scene->devices[DEVICE_PLAIN] = (struct capture_device){
		.source = {SCENE_SOURCE},
		.ifindex = (int)if_nametoindex("plain"),
		.orientation = ORIENTATION_HOST,
	};
	scene->devices[DEVICE_GUEST] = (struct capture_device){
		.source = {SCENE_SOURCE},
		.ifindex = (int)if_nametoindex("guest"),
		.orientation = ORIENTATION_GUEST,
	};
	scene_open(scene);
	*state = scene;
	return 0;
}

int scene_teardown(void **state)
{
	struct scene *scene = *state;
	int r;

	scene_close(scene);
	privilege_lower();
	r = capture_detach(scene->directory, NULL);
	privilege_raise();
	assert_int_equal(r, 0);
	assert_int_not_equal(access(scene->directory, F_OK), 0);
	plan_fini(&scene->plan);
	free(scene->caught.bytes);
	free(scene);
	return 0;
}

void scene_restart(struct scene *scene)
{
	scene_close(scene);
	scene_open(scene);
}

struct resource_id scene_id(const char *prefix, unsigned int number)
{
	struct resource_id id;

	(void)snprintf(id.text, sizeof(id.text), "%s-%017x", prefix, number);
	return id;
}

struct filter *scene_filter(struct scene *scene, unsigned int number)
{
	struct resource_id id = scene_id("tmf", number);
	struct plan *plan = &scene->plan;
	struct filter filter = {.id = id};

	for (size_t i = 0; i < plan->filter_count; i++)
		if (resource_id_equal(&plan->filters[i].id, &id))
			return &plan->filters[i];
	assert_int_equal(array_append(plan, filters, filter_count, filter_capacity, filter), 0);
	return &plan->filters[plan->filter_count - 1];
}

static struct port_range ports_of(const char *text)
{
	struct port_range range = {};
	unsigned int from, to;

	if (!text)
		return range;
	if (sscanf(text, "%u-%u", &from, &to) != 2)
		from = to = (unsigned int)atoi(text);
	return (struct port_range){true, (uint16_t)from, (uint16_t)to};
}

void scene_rule(struct scene *scene, unsigned int filter, enum direction direction, uint16_t number,
		enum rule_action action, int16_t protocol, const char *source,
		const char *destination, const char *source_ports, const char *destination_ports)
{
	struct filter_rule rule = {
		.direction = direction,
		.number = number,
		.action = action,
		.protocol = protocol,
		.source_ports = ports_of(source_ports),
		.destination_ports = ports_of(destination_ports),
	};

	assert_true(cidr_parse(source, &rule.source));
	assert_true(cidr_parse(destination, &rule.destination));
	assert_int_equal(filter_add_rule(scene_filter(scene, filter), &rule), 0);
}

void scene_accept_all(struct scene *scene, unsigned int filter)
{
	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		scene_rule(scene, filter, way, 32765, RULE_ACCEPT, PROTOCOL_ANY, "0.0.0.0/0",
			   "0.0.0.0/0", NULL, NULL);
		scene_rule(scene, filter, way, 32766, RULE_ACCEPT, PROTOCOL_ANY, "::/0", "::/0",
			   NULL, NULL);
	}
}

static int session_compare(const void *a, const void *b)
{
	const struct plan_session *left = a, *right = b;
	int order = strcmp(left->source.text, right->source.text);

	return order ? order : left->number - right->number;
}

void scene_session(struct scene *scene, uint16_t number, unsigned int filter,
		   uint16_t packet_length)
{
	struct plan_session session = {
		.id = scene_id("tms", number),
		.source = {SCENE_SOURCE},
		.filter = scene_id("tmf", filter),
		.target = scene_id("tmt", 1),
		.number = number,
		.vni = number,
		.packet_length = packet_length,
	};
	struct plan *plan = &scene->plan;

	(void)scene_filter(scene, filter);
	assert_int_equal(array_append(plan, sessions, session_count, session_capacity, session), 0);
	qsort(plan->sessions, plan->session_count, sizeof(*plan->sessions), session_compare);
}

void scene_resolver(struct scene *scene, const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	assert_int_equal(
		array_append(&scene->plan, resolvers, resolver_count, resolver_capacity, address),
		0);
}

void scene_target(struct scene *scene, const char *text, uint16_t port)
{
	struct plan_target target = {
		.id = scene_id("tmt", 1),
		.reachable = true,
		.port = port,
	};

	assert_true(address_parse(text, &target.address));
	assert_int_equal(array_append(&scene->plan, targets, target_count, target_capacity, target),
			 0);
}

static int program_of_classifier(int ifindex, enum direction direction)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = direction == DIRECTION_INGRESS ? BPF_TC_INGRESS
								   : BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, classifier, .handle = 0x746d, .priority = 1);

	if (bpf_tc_query(&hook, &classifier) < 0)
		return -ENOENT;
	return bpf_prog_get_fd_by_id(classifier.prog_id);
}

static int program_of_link(const char *directory, int ifindex, enum direction direction)
{
	_cleanup_close_ int link = -1;
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/layout-%d/links/%d-%s", directory,
		       CAPTURE_LAYOUT_VERSION, ifindex,
		       direction == DIRECTION_INGRESS ? "ingress" : "egress");
	link = bpf_obj_get(path);
	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size) < 0)
		return -ENOENT;
	if (info.xdp.ifindex != (uint32_t)ifindex)
		return -ENODEV;
	return bpf_prog_get_fd_by_id(info.prog_id);
}

int scene_program(const struct scene *scene, enum scene_device device, enum direction direction)
{
	int ifindex = scene->devices[device].ifindex;

	return scene_has_links(scene) ? program_of_link(scene->directory, ifindex, direction)
				      : program_of_classifier(ifindex, direction);
}

bool scene_has_links(const struct scene *scene)
{
	return scene->attach != CAPTURE_ATTACH_CLSACT && kernel_has(6, 6);
}

bool kernel_has(int major, int minor)
{
	struct utsname system;
	int found_major = 0, found_minor = 0;

	assert_int_equal(uname(&system), 0);
	assert_int_equal(sscanf(system.release, "%d.%d", &found_major, &found_minor), 2);
	return found_major > major || (found_major == major && found_minor >= minor);
}

void scene_apply(struct scene *scene)
{
	struct capture_events events = {scene, event_ready, event_failed};
	size_t before = scene->ready_count;
	uint64_t due;
	int r;

	privilege_lower();
	r = capture_apply(scene->capture, &scene->plan, scene->devices, DEVICE_COUNT, &events);
	while (capture_is_behind(scene->capture))
		capture_guard(scene->capture, false, 0, &events, &due);
	privilege_raise();
	assert_int_equal(r, 0);
	assert_int_equal(scene->ready_count, before + 1);
	for (enum direction way = 0; way < DIRECTION_COUNT; way++) {
		closep(&scene->programs[way]);
		scene->programs[way] = scene_program(scene, DEVICE_PLAIN, way);
	}
}

void scene_mirror_all(struct scene *scene)
{
	scene_accept_all(scene, 1);
	scene_session(scene, 1, 1, 0);
	scene_apply(scene);
}

size_t scene_send_as(struct scene *scene, enum scene_device device, enum direction direction,
		     const struct packet *packet, const struct __sk_buff *context)
{
	struct __sk_buff input = context ? *context : (struct __sk_buff){};
	static uint8_t output[PACKET_SIZE_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet->bytes,
		    .data_size_in = (uint32_t)packet->size, .data_out = output,
		    .data_size_out = sizeof(output), .ctx_in = &input, .ctx_size_in = sizeof(input),
		    .repeat = 1);

	input.ifindex = (uint32_t)scene->devices[device].ifindex;
	scene_forget(scene);
	assert_int_equal(bpf_prog_test_run_opts(scene->programs[direction], &options), 0);
	assert_int_equal((int)options.retval, -1);
	assert_int_equal(options.data_size_out, packet->size);
	assert_memory_equal(output, packet->bytes, packet->size);
	return scene_read(scene);
}

size_t scene_send(struct scene *scene, const struct packet *packet)
{
	return scene_send_as(scene, DEVICE_PLAIN, DIRECTION_INGRESS, packet, NULL);
}

/* A socket that sends frames out of a device. */
static int scene_socket(const char *name)
{
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_true(descriptor >= 0);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&device, sizeof(device)), 0);
	return descriptor;
}

size_t scene_transmit(struct scene *scene, const struct packet *packet, uint16_t segment_size)
{
	scene_forget(scene);
	scene_transmit_unread(packet, segment_size);
	return scene_read(scene);
}

void scene_transmit_unread(const struct packet *packet, uint16_t segment_size)
{
	struct virtio_net_hdr header = {
		.flags = packet->placeholder ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0,
		.gso_type = !segment_size                     ? VIRTIO_NET_HDR_GSO_NONE
			    : packet->protocol == IPPROTO_UDP ? VIRTIO_NET_HDR_GSO_UDP_L4
			    : packet->family == 4             ? VIRTIO_NET_HDR_GSO_TCPV4
							      : VIRTIO_NET_HDR_GSO_TCPV6,
		.gso_size = segment_size,
		.hdr_len = (uint16_t)(!segment_size                     ? 0
				      : packet->protocol == IPPROTO_UDP ? packet->transport + 8
									: packet->transport + 20),
		.csum_start = (uint16_t)packet->transport,
		.csum_offset = packet->protocol == IPPROTO_TCP ? 16 : 6,
	};
	struct iovec parts[] = {{&header, sizeof(header)},
				{(void *)(uintptr_t)packet->bytes, packet->size}};
	_cleanup_close_ int socket = scene_socket("plain");
	int on = 1;

	assert_int_equal(setsockopt(socket, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), 0);
	/* ENOMEM: behind the program, where the kernel cuts, it found a tunnel that it was not told of. */
	if (writev(socket, parts, ARRAY_SIZE(parts)) < 0)
		assert_int_equal(errno, ENOMEM);
}

size_t scene_receive(struct scene *scene, const struct packet *packet)
{
	_cleanup_close_ int socket = scene_socket("plain-peer");
	uint64_t deadline = clock_monotonic() + NSEC_PER_SEC;

	scene_forget(scene);
	assert_int_equal(write(socket, packet->bytes, packet->size), packet->size);
	while (scene_read(scene) == 0 && clock_monotonic() < deadline)
		(void)sched_yield();
	return scene->caught_count;
}

size_t scene_read(struct scene *scene)
{
	for (int i = 0; i < libbpf_num_possible_cpus(); i++) {
		struct ring *ring = &scene->readers[i];
		const struct capture_record *record;
		uint32_t size;

		for (; ring_peek(ring, &record, &size); ring_pass(ring))
			record_caught(scene, record, size);
		ring_release(ring);
	}
	return scene->caught_count;
}

void scene_forget(struct scene *scene)
{
	(void)scene_read(scene);
	scene->caught_count = 0;
}

static uint16_t taker_of(const struct scene *scene, const struct capture_record *record)
{
	size_t count;
	const struct capture_slot *slots = capture_get_slots(scene->capture, &count);

	for (size_t i = 0; i < count; i++)
		if (slots[i].slot == record->session_slot &&
		    slots[i].generation == record->session_generation)
			return (uint16_t)strtoul(slots[i].session.text + 4, NULL, 16);
	return 0;
}

uint16_t scene_taken_by(const struct scene *scene)
{
	return taker_of(scene, &scene->caught.record);
}

uint16_t scene_taker(const struct scene *scene, size_t index)
{
	assert_true(index < scene->caught_count && index < SCENE_RECORDS);
	return taker_of(scene, &scene->records[index]);
}

struct session_counters scene_counters(const struct scene *scene, uint16_t session)
{
	struct resource_id id = scene_id("tms", session);
	struct session_counters counters = {};
	size_t count;
	const struct capture_slot *slots = capture_get_slots(scene->capture, &count);

	for (size_t i = 0; i < count; i++)
		if (resource_id_equal(&slots[i].session, &id))
			assert_int_equal(
				capture_read_counters(scene->capture, slots[i].slot, &counters), 0);
	return counters;
}

uint64_t scene_refused(const struct scene *scene)
{
	const struct capture_ring *rings;
	uint64_t sum = 0;
	size_t count;

	rings = capture_get_rings(scene->capture, &count);
	for (size_t i = 0; i < count; i++)
		sum += rings[i].head->refused;
	return sum;
}
