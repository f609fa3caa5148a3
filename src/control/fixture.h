/* What the tests of control share: a control on a store in memory, a clock that stands, and short ways to say things.
 *
 * The site has a host "alpha" with a NIC "eth0" and a guest's "tap0", and a registered appliance, each by its id. */
#pragma once

#include "control/filter.h"
#include "control/host.h"
#include "control/session.h"
#include "control/site.h"
#include "control/source.h"
#include "control/status.h"
#include "control/tag.h"
#include "control/target.h"

#define FIXTURE_ACCOUNT "123456789012"

extern const struct seal_key fixture_seal_key;

struct fixture {
	struct store *store;
	struct control *control;
	struct caller user, agent;
	struct refusal why;
	int64_t now;
	unsigned int changes; /* Calls of control_options.changed. */
	char changed[HOST_NAME_SIZE];
	char eth0[RESOURCE_ID_SIZE], tap0[RESOURCE_ID_SIZE], appliance[RESOURCE_ID_SIZE];
};

/* 'limits' may be NULL. */
void fixture_open(struct fixture *fixture, const struct limits *limits);
void fixture_close(struct fixture *fixture);

/* For cmocka. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Reports the named devices as the whole inventory of a host.  A device that begins with "tap" is a guest's.
 * Each has the address that is given for all, or none. */
void fixture_report(struct fixture *fixture, const char *host, const char *const *devices,
		    size_t count, const char *address);
#define REPORT(fixture, host, address, ...)                               \
	fixture_report(fixture, host, (const char *const[]){__VA_ARGS__}, \
		       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), address)

/* The id of a host's device as DescribeNetworkInterfaces has it; "" if there is none. */
void fixture_find_device(struct fixture *fixture, const char *host, const char *device,
			 char ret_id[RESOURCE_ID_SIZE]);

/* Sessions of the fixture's user. */
size_t fixture_count_sessions(struct fixture *fixture);

/* Each returns what control said; the id is left as it is unless that is 0. */
int make_interface(struct fixture *fixture, const char *address, char ret_id[RESOURCE_ID_SIZE]);
int make_target(struct fixture *fixture, const char *interface, char ret_id[RESOURCE_ID_SIZE]);
int make_filter(struct fixture *fixture, char ret_id[RESOURCE_ID_SIZE]);
int make_rule(struct fixture *fixture, const char *filter, const char *direction, int64_t number,
	      char ret_id[RESOURCE_ID_SIZE]);
int make_session(struct fixture *fixture, const char *source, const char *target,
		 const char *filter, int64_t number, char ret_id[RESOURCE_ID_SIZE]);

/* The call was refused with the code, and says why. */
#define assert_refused(fixture, call, expected)                    \
	do {                                                       \
		(fixture)->why = (struct refusal){};               \
		assert_int_equal((call), REFUSED);                 \
		assert_int_equal((fixture)->why.code, (expected)); \
		assert_string_not_equal((fixture)->why.text, "");  \
	} while (0)

/* The call succeeded; if not, the test shows why. */
#define assert_done(fixture, call)                                \
	do {                                                      \
		(fixture)->why = (struct refusal){};              \
		int _result = (call);                             \
		if (_result != 0)                                 \
			print_error("%s\n", (fixture)->why.text); \
		assert_int_equal(_result, 0);                     \
	} while (0)

#define NUMBER(number) ((struct optional_number){true, (number)})
