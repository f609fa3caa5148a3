// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A manager that listens on a name of the kernel's choice. */
static int listen_as_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address);
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char name[sizeof(address.sun_path) + 1] = "@";

	assert_true(manager >= 0);
	assert_int_equal(bind(manager, (struct sockaddr *)(void *)&address, sizeof(sa_family_t)),
			 0);
	assert_int_equal(getsockname(manager, (struct sockaddr *)(void *)&address, &length), 0);
	memcpy(name + 1, address.sun_path + 1, length - sizeof(sa_family_t) - 1);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return manager;
}

static void assert_told(int manager, const char *state)
{
	char told[64] = "";

	assert_true(recv(manager, told, sizeof(told) - 1, 0) > 0);
	assert_string_equal(told, state);
}

static void assert_silent(int manager)
{
	char told[64];

	assert_int_equal(recv(manager, told, sizeof(told), 0), -1);
}

static int forget_environment(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return 0;
}

static void states_are_told(void **state)
{
	_cleanup_close_ int manager = listen_as_manager();

	(void)state;
	notify_manager("READY=1");
	assert_told(manager, "READY=1");
	assert_int_equal(setenv("NOTIFY_SOCKET", "elsewhere", 1), 0);
	notify_manager("STOPPING=1");
	assert_silent(manager);
}

static void signs_come_twice_in_time(void **state)
{
	_cleanup_close_ int manager = listen_as_manager();
	struct watchdog watchdog;

	(void)state;
	assert_int_equal(setenv("WATCHDOG_USEC", "3000000", 1), 0);
	watchdog = watchdog_from_environment();
	assert_int_equal(watchdog.interval, 1500 * NSEC_PER_MSEC);
	watchdog_satisfy(&watchdog, NSEC_PER_SEC);
	assert_told(manager, "WATCHDOG=1");
	watchdog_satisfy(&watchdog, 2 * NSEC_PER_SEC);
	assert_silent(manager);
	watchdog_satisfy(&watchdog, 2500 * NSEC_PER_MSEC);
	assert_told(manager, "WATCHDOG=1");
}

static void nobody_wants_signs(void **state)
{
	static const char *const others[] = {"1", "none", ""};
	_cleanup_close_ int manager = listen_as_manager();
	struct watchdog watchdog = watchdog_from_environment();
	char own[16];

	(void)state;
	assert_int_equal(watchdog.interval, 0);
	watchdog_satisfy(&watchdog, NSEC_PER_SEC);
	assert_silent(manager);
	assert_int_equal(setenv("WATCHDOG_USEC", "3000000", 1), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(setenv("WATCHDOG_PID", others[i], 1), 0);
		assert_int_equal(watchdog_from_environment().interval, 0);
	}
	(void)snprintf(own, sizeof(own), "%d", (int)getpid());
	assert_int_equal(setenv("WATCHDOG_PID", own, 1), 0);
	assert_int_not_equal(watchdog_from_environment().interval, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(states_are_told, forget_environment),
		cmocka_unit_test_setup(signs_come_twice_in_time, forget_environment),
		cmocka_unit_test_setup(nobody_wants_signs, forget_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
