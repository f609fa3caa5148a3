/* A scene: the real program, loaded by capture_open() into a bpffs directory of its own and attached in a private
 * network namespace, and frames that are run through it one by one (BPF_PROG_TEST_RUN).
 *
 * Two devices are there: "plain", whose ingress is the source's ingress, and "guest", seen from the host's side.
 * Both are the same source unless a test says otherwise. */
#pragma once

#include "capture/capture.h"
#include "packet.h"
#include "ship/ring.h"
#include "wire/capture.h"

#include <linux/bpf.h>

#define SCENE_MARK      0x7a
#define SCENE_RING_SIZE (1 << 22)
#define SCENE_RECORDS   64
#define SCENE_SOURCE    "eni-00000000000000001"

enum scene_device { DEVICE_PLAIN, DEVICE_GUEST, DEVICE_COUNT };

struct caught {
	struct capture_record record;
	uint8_t *bytes; /* 'captured_length' of them. */
};

struct scene {
	char directory[64];
	enum capture_attach attach;
	struct capture *capture;
	struct plan plan;
	struct capture_device devices[DEVICE_COUNT];
	struct ring *readers;                         /* One for each ring. */
	struct caught caught;                         /* The last record. */
	size_t caught_count;                          /* Records since the last scene_forget(). */
	struct capture_record records[SCENE_RECORDS]; /* The first of them. */
	size_t unsound_count; /* Of what was in a ring and cannot be a record. */
	size_t ready_count, failed_count;
	int last_error;
	int programs[DIRECTION_COUNT];
};

/* Leaves with exit status 77 when not root. */
void scene_require_root(void);

/* Test fixtures for cmocka: '*state' becomes a struct scene. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* Closes and opens again, as a new agent would. */
void scene_restart(struct scene *scene);

/* The plan.  Ids are made from small numbers. */
struct resource_id scene_id(const char *prefix, unsigned int number);
struct filter *scene_filter(struct scene *scene, unsigned int number);
void scene_rule(struct scene *scene, unsigned int filter, enum direction direction, uint16_t number,
		enum rule_action action, int16_t protocol, const char *source,
		const char *destination, const char *source_ports, const char *destination_ports);
/* Accepts all packets of both families in both directions. */
void scene_accept_all(struct scene *scene, unsigned int filter);
void scene_session(struct scene *scene, uint16_t number, unsigned int filter,
		   uint16_t packet_length);
void scene_resolver(struct scene *scene, const char *address);
void scene_target(struct scene *scene, const char *address, uint16_t port);
void scene_apply(struct scene *scene);
/* One session for everything, whole packets, applied. */
void scene_mirror_all(struct scene *scene);

/* Runs a frame through the program and reads the rings; fails unless the program let the packet go on unaltered.
 * 'context' may be NULL; its ifindex is set here.  Returns how many copies were made. */
size_t scene_send_as(struct scene *scene, enum scene_device device, enum direction direction,
		     const struct packet *packet, const struct __sk_buff *context);
/* Sends a frame out of the plain device for real, past the program on its egress, which has run when this returns.
 * For what BPF_PROG_TEST_RUN does not take: frames too short for their protocol, and super-packets, whose
 * 'segment_size' is then not 0.  Returns how many copies were made. */
size_t scene_transmit(struct scene *scene, const struct packet *packet, uint16_t segment_size);

/* The same, but leaves the copies in the rings. */
void scene_transmit_unread(const struct packet *packet, uint16_t segment_size);

/* Lets the plain device receive a frame for real, and waits for one copy for at most a second. */
size_t scene_receive(struct scene *scene, const struct packet *packet);

/* To the plain device's ingress. */
size_t scene_send(struct scene *scene, const struct packet *packet);
size_t scene_read(struct scene *scene);
void scene_forget(struct scene *scene);

/* The number of the session that took the last copy, or one of the first. */
uint16_t scene_taken_by(const struct scene *scene);
uint16_t scene_taker(const struct scene *scene, size_t index);
struct session_counters scene_counters(const struct scene *scene, uint16_t session);

/* Bytes of records that found no room in the rings. */
uint64_t scene_refused(const struct scene *scene);

/* The program on a device, as the kernel tells: a new descriptor, or a negative errno. */
int scene_program(const struct scene *scene, enum scene_device device, enum direction direction);

/* Whether programs are attached by tcx links: the kernel has them, and the scene does not ask for clsact. */
bool scene_has_links(const struct scene *scene);

/* Whether the kernel has what came with a version. */
bool kernel_has(int major, int minor);
