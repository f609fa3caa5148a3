// SPDX-License-Identifier: Apache-2.0
/* What finding the rule of a packet costs, beside nftables and tc with the same rules and packets:
 *
 *	classify [--flows] [--quick] [--alone]
 *
 * Every packet has another header, or with --flows headers come back as in a trace of ClassBench (bench/ruleset.h).
 * --quick leaves out the largest filters, --alone the peers.
 *
 * Ours is asked about a whole trace by a loop within one run of a program; a loop that asks nothing is taken off.  The peers
 * live in the path of a packet only, so the same trace comes in at the loopback device of a namespace of our own, frame by
 * frame by bpf_prog_test_run(), and is dropped right behind the place where they ask; what that takes without rules is taken
 * off.  Each answer of ours is compared with the naive matcher's.  Figures are medians of a few rounds in turn. */
#include "bench/classify.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/count.h"
#include "bench/classify_peers.h"
#include "bench/ruleset.h"
#include "capture/classifier_host.h"
#include "capture/filter.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "classify.skel.h"
#pragma GCC diagnostic pop

#define ROUNDS        5
#define FRAMES_MOST   16384u
#define FRAMES_LEAST  256u
#define RULES_PASSED  (1u << 20) /* By all frames of a round together: lists of u32 are slow. */
#define PEER_FLAVOURS 2 /* The peers get the first only, which keeps a run within two minutes. */

static const size_t sizes[] = {1, 10, 100, 1000, 10000};

struct bench {
	struct classify *skeleton;
	struct tables tables;
	struct filters filters;
	bool flows, quick, alone;
};

/* Nanoseconds for each packet, and milliseconds to replace all rules. */
struct figures {
	double ask, replace;
};

static void bench_open(struct bench *bench);
static void bench_close(struct bench *bench);
static void peers_print(struct bench *bench, struct filter *filter, uint8_t family);
static void trace_load(const struct bench *bench, const struct filter *filter, uint8_t family);
static struct figures measure_ours(struct bench *bench, struct filter *filter);
static struct figures measure_peer(const struct bench *bench, const struct filter *filter,
				   uint8_t family,
				   void (*write)(const struct filter *filter, uint8_t family),
				   void (*clear)(void));
static void fail(const char *what);

static void row_print(struct bench *bench, enum ruleset_flavour flavour, uint8_t family,
		      size_t count, double *ask_one)
{
	_cleanup_(filter_fini) struct filter filter = {};
	struct figures ours;

	if (ruleset_generate(flavour, family, count, 1, &filter) < 0)
		fail("ruleset");
	trace_load(bench, &filter, family);
	ours = measure_ours(bench, &filter);
	if (count == 1)
		*ask_one = ours.ask;
	printf("%-4s IPv%u %6zu | %4.0f ns  %4.0f ns  %5.1f ms |", ruleset_name(flavour), family,
	       filter.rule_count, ours.ask, ours.ask - *ask_one, ours.replace);
	if (flavour < PEER_FLAVOURS && !bench->alone)
		peers_print(bench, &filter, family);
	printf("\n");
	(void)fflush(stdout);
}

static void bench_run(struct bench *bench)
{
	size_t size_count = ARRAY_SIZE(sizes) - bench->quick;

	printf("                 |       Traffic Mirror        |     nftables, one set      |"
	       "  tc, u32 one by one\n"
	       "           rules |    each  above 1   replaced |     each  replaced  fitting |"
	       "       each  replaced\n");
	for (enum ruleset_flavour flavour = RULESET_ACL; flavour <= RULESET_CHAIN; flavour++)
		for (uint8_t family = 4; family <= 6; family += 2) {
			double ask_one = 0; /* Of one rule, which comes first. */

			for (size_t i = 0; i < size_count; i++)
				row_print(bench, flavour, family, sizes[i], &ask_one);
		}
}

int main(int argc, char **argv)
{
	struct bench bench = {};

	for (int i = 1; i < argc; i++) {
		bool flows = strcmp(argv[i], "--flows") == 0;
		bool quick = strcmp(argv[i], "--quick") == 0;
		bool alone = strcmp(argv[i], "--alone") == 0;

		if (!flows && !quick && !alone) {
			(void)fprintf(stderr, "Usage: classify [--flows] [--quick] [--alone]\n");
			return 2;
		}
		bench.flows |= flows;
		bench.quick |= quick;
		bench.alone |= alone;
	}
	bench_open(&bench);
	bench_run(&bench);
	bench_close(&bench);
	return 0;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void bench_open(struct bench *bench)
{
	struct tables *tables = &bench->tables;

	if (unshare(CLONE_NEWNET) < 0)
		fail("unshare");
	peers_open();
	bench->skeleton = classify__open();
	if (!bench->skeleton ||
	    bpf_map__set_max_entries(bench->skeleton->maps.memos,
				     (uint32_t)libbpf_num_possible_cpus()) < 0 ||
	    classify__load(bench->skeleton) < 0)
		fail("classify.bpf.o");
	tables->filters = bpf_map__fd(bench->skeleton->maps.filters);
	tables->filter_names = bpf_map__fd(bench->skeleton->maps.filter_names);
	tables->classifiers[0] = bpf_map__fd(bench->skeleton->maps.classifiers_0);
	tables->classifiers[1] = bpf_map__fd(bench->skeleton->maps.classifiers_1);
	tables->classifiers[2] = bpf_map__fd(bench->skeleton->maps.classifiers_2);
	tables->classifiers[3] = bpf_map__fd(bench->skeleton->maps.classifiers_3);
	if (filters_load(&bench->filters, tables) < 0)
		fail("filters");
}

static void bench_close(struct bench *bench)
{
	filters_fini(&bench->filters);
	classify__destroy(bench->skeleton);
}

static void address_put(uint8_t **at, const struct address *address)
{
	size_t size = address_size(address);

	memcpy(*at, address->bytes, size);
	*at += size;
}

/* Ethernet, IP, and ports where TCP and UDP have them.  Whatever else there would be, nobody looks at. */
static struct trace_frame frame_of(const struct packet_key *key)
{
	struct trace_frame frame = {};
	uint8_t *bytes = (uint8_t *)frame.words, *at = bytes + ETH_HLEN;
	uint16_t ports[] = {htons(key->source_port), htons(key->destination_port)};
	bool ipv4 = key->source.family == 4;

	memcpy(bytes + 2 * ETH_ALEN, &(uint16_t){htons(ipv4 ? ETH_P_IP : ETH_P_IPV6)}, 2);
	if (ipv4) {
		at[0] = 0x45;
		at[3] = FRAME_SIZE - ETH_HLEN;
		at[8] = 64;
		at[9] = key->protocol;
		at += 12;
	} else {
		at[0] = 0x60;
		at[5] = FRAME_SIZE - ETH_HLEN - 40;
		at[6] = key->protocol;
		at[7] = 64;
		at += 8;
	}
	address_put(&at, &key->source);
	address_put(&at, &key->destination);
	memcpy(at, ports, sizeof(ports));
	return frame;
}

static void peers_print(struct bench *bench, struct filter *filter, uint8_t family)
{
	struct figures nftables, tc = measure_peer(bench, filter, family, tc_write, tc_clear);

	nftables_fit(filter);
	nftables = measure_peer(bench, filter, family, nftables_write, nftables_clear);
	printf(" %5.0f ns  %5.0f ms  %7zu | %7.0f ns  %5.0f ms", nftables.ask, nftables.replace,
	       filter->rule_count, tc.ask, tc.replace);
}

static void trace_load(const struct bench *bench, const struct filter *filter, uint8_t family)
{
	_cleanup_free_ struct packet_key *keys = calloc(TRACE_LENGTH, sizeof(*keys));
	int trace = bpf_map__fd(bench->skeleton->maps.trace);
	int frames = bpf_map__fd(bench->skeleton->maps.frames);

	if (!keys)
		fail("trace");
	trace_generate(filter, family, bench->flows, 2, keys, TRACE_LENGTH);
	for (uint32_t i = 0; i < TRACE_LENGTH; i++) {
		struct trace_packet packet = {
			.key = classifier_key_of(&keys[i]),
			.answer = classifier_expect(filter, DIRECTION_INGRESS, &keys[i]),
		};
		struct trace_frame frame = frame_of(&keys[i]);

		if (bpf_map_update_elem(trace, &i, &packet, BPF_ANY) < 0 ||
		    bpf_map_update_elem(frames, &i, &frame, BPF_ANY) < 0)
			fail("trace");
	}
}

static int compare_doubles(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), compare_doubles);
	return values[ROUNDS / 2];
}

static double trace_run(const struct bpf_program *program)
{
	uint8_t packet[FRAME_SIZE] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);

	if (bpf_prog_test_run_opts(bpf_program__fd(program), &options) < 0)
		fail("bpf_prog_test_run");
	return (double)options.duration / TRACE_LENGTH;
}

static double frames_feed(const struct bench *bench, unsigned int count)
{
	uint8_t packet[FRAME_SIZE] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = (int)count, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(bpf_program__fd(bench->skeleton->progs.trace_feed), &options) <
	    0)
		fail("bpf_prog_test_run");
	return options.duration;
}

static double write_ours(struct bench *bench, struct filter *filter)
{
	const struct plan plan = {.filters = filter, .filter_count = 1};
	uint64_t start = clock_monotonic();

	if (filters_write(&bench->filters, &bench->tables, &plan) < 0)
		fail("filters");
	return (double)(clock_monotonic() - start) / NSEC_PER_MSEC;
}

/* The filter is replaced by one that differs in a rule, and that by itself again. */
static struct figures measure_ours(struct bench *bench, struct filter *filter)
{
	double asks[ROUNDS], passes[ROUNDS], replaces[ROUNDS];

	(void)snprintf(filter->id.text, sizeof(filter->id.text), "tmf-0123456789abcdef0");
	for (size_t i = 0; i < ROUNDS; i++) {
		filter->rules[0].action = !filter->rules[0].action;
		replaces[i] = write_ours(bench, filter);
		filter->rules[0].action = !filter->rules[0].action;
		replaces[i] = write_ours(bench, filter);
		asks[i] = trace_run(bench->skeleton->progs.trace_ask);
		if (bench->skeleton->bss->wrong > 0) {
			(void)fprintf(stderr, "%llu wrong answers\n",
				      (unsigned long long)bench->skeleton->bss->wrong);
			exit(1);
		}
		passes[i] = trace_run(bench->skeleton->progs.trace_pass);
	}
	return (struct figures){median(asks) - median(passes), median(replaces)};
}

static struct figures measure_peer(const struct bench *bench, const struct filter *filter,
				   uint8_t family,
				   void (*write)(const struct filter *filter, uint8_t family),
				   void (*clear)(void))
{
	double asks[ROUNDS], passes[ROUNDS];
	unsigned int fair = MIN(FRAMES_MOST, RULES_PASSED / (unsigned int)filter->rule_count);
	unsigned int count = MAX(FRAMES_LEAST, fair);
	double replace;
	uint64_t start;

	for (size_t i = 0; i < ROUNDS; i++)
		passes[i] = frames_feed(bench, FRAMES_MOST);
	write(filter, family);
	start = clock_monotonic();
	write(filter, family);
	replace = (double)(clock_monotonic() - start) / NSEC_PER_MSEC;
	for (size_t i = 0; i < ROUNDS; i++)
		asks[i] = frames_feed(bench, count);
	clear();
	return (struct figures){median(asks) - median(passes), replace};
}
