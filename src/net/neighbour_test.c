// SPDX-License-Identifier: Apache-2.0
/* The kernel's table of neighbours, in a namespace made for the test: somebody lives behind "first" in another one.  Needs
 * root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "net/neighbour.h"

#include "base/clock.h"
#include "net/net_example.h"

#include <cmocka.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

#define PATIENCE       (10 * NSEC_PER_SEC)
#define DEVICE_MISSING 9999

static int device;

static enum neighbour look_up(const char *text)
{
	struct address parsed = address(text);
	enum neighbour neighbour;

	assert_int_equal(neighbour_lookup(device, &parsed, &neighbour), 0);
	return neighbour;
}

static void ask(const char *text)
{
	struct address parsed = address(text);

	assert_int_equal(neighbour_ask(device, &parsed), 0);
}

static bool is_over(uint64_t deadline)
{
	(void)poll(NULL, 0, 5);
	return clock_monotonic() > deadline;
}

static void expect_to_fail(const char *text)
{
	uint64_t deadline = clock_monotonic() + PATIENCE;

	while (look_up(text) == NEIGHBOUR_ASKED)
		assert_false(is_over(deadline));
	assert_int_equal(look_up(text), NEIGHBOUR_FAILED);
}

/* Asks again who failed, since IPv6 takes its time on a new device. */
static void expect_to_answer(const char *text)
{
	uint64_t deadline = clock_monotonic() + PATIENCE;

	for (enum neighbour neighbour = look_up(text); neighbour != NEIGHBOUR_KNOWN;
	     neighbour = look_up(text)) {
		if (neighbour != NEIGHBOUR_ASKED)
			ask(text);
		assert_false(is_over(deadline));
	}
}

static void whom_nobody_asked_for_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(look_up("10.1.0.77"), NEIGHBOUR_UNKNOWN);
	assert_int_equal(look_up("fd01::77"), NEIGHBOUR_UNKNOWN);
}

static void whose_address_the_kernel_would_use_is_known(void **state)
{
	static const char *const states[] = {"permanent", "reachable", "stale", "delay", "probe"};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		shell("ip neigh replace 10.1.0.50 lladdr 02:00:00:00:00:50 dev first nud %s",
		      states[i]);
		assert_int_equal(look_up("10.1.0.50"), NEIGHBOUR_KNOWN);
		shell("ip neigh replace fd01::50 lladdr 02:00:00:00:00:50 dev first nud %s",
		      states[i]);
		assert_int_equal(look_up("fd01::50"), NEIGHBOUR_KNOWN);
	}
}

static void who_answers_becomes_known(void **state)
{
	static const char *const somebody[] = {"10.1.0.2", "fd01::2"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(look_up(somebody[i]), NEIGHBOUR_UNKNOWN);
		expect_to_answer(somebody[i]);
	}
}

static void who_does_not_answer_is_asked_and_fails(void **state)
{
	static const char *const nobody[] = {"10.1.0.3", "fd01::3"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ask(nobody[i]);
		assert_int_equal(look_up(nobody[i]), NEIGHBOUR_ASKED);
		expect_to_fail(nobody[i]);
		/* Asking again is what makes an appliance that came back be seen. */
		ask(nobody[i]);
		assert_int_equal(look_up(nobody[i]), NEIGHBOUR_ASKED);
	}
}

static void a_missing_device_is_a_fault(void **state)
{
	struct address somebody = address("10.1.0.2");
	enum neighbour neighbour;

	(void)state;
	assert_true(neighbour_lookup(DEVICE_MISSING, &somebody, &neighbour) < 0);
	assert_true(neighbour_ask(DEVICE_MISSING, &somebody) < 0);
}

static int namespace_new(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Returns whether we may: leaves the process in the namespace of "first". */
static bool link_open(void)
{
	int there = namespace_new(), here = there < 0 ? -1 : namespace_new();

	if (here < 0)
		return false;
	shell("ip link add first type veth peer name second netns /proc/%d/fd/%d", getpid(), there);
	shell("ip address add 10.1.0.1/24 dev first; ip address add fd01::1/64 dev first nodad");
	shell("ip link set first up");
	/* One question, and a short wait for the answer. */
	shell("sysctl -qw net.ipv4.neigh.first.mcast_solicit=1 "
	      "net.ipv6.neigh.first.mcast_solicit=1");
	shell("sysctl -qw net.ipv4.neigh.first.retrans_time_ms=1000 "
	      "net.ipv6.neigh.first.retrans_time_ms=1000");
	assert_int_equal(setns(there, CLONE_NEWNET), 0);
	shell("ip address add 10.1.0.2/24 dev second; ip address add fd01::2/64 dev second nodad");
	shell("ip link set second up");
	assert_int_equal(setns(here, CLONE_NEWNET), 0);
	device = (int)if_nametoindex("first");
	return true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whom_nobody_asked_for_is_unknown),
		cmocka_unit_test(whose_address_the_kernel_would_use_is_known),
		cmocka_unit_test(who_answers_becomes_known),
		cmocka_unit_test(who_does_not_answer_is_asked_and_fails),
		cmocka_unit_test(a_missing_device_is_a_fault),
	};

	if (!link_open()) {
		print_message("Making network namespaces needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
