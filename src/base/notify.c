// SPDX-License-Identifier: Apache-2.0
#include "base/notify.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int descriptor = -1;
	size_t length;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	length = strlen(path);
	if (length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0'; /* An abstract socket. */
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return;
	/* A manager that does not listen is no reason to do anything else. */
	(void)!sendto(descriptor, state, strlen(state), MSG_NOSIGNAL,
		      (const struct sockaddr *)(const void *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

struct watchdog watchdog_from_environment(void)
{
	const char *wanted = getenv("WATCHDOG_USEC"), *whose = getenv("WATCHDOG_PID");
	struct watchdog watchdog = {};
	unsigned long long number;

	/* The variables may have been meant for who started us. */
	if (whose && (!string_to_unsigned(whose, INT32_MAX, &number) || (pid_t)number != getpid()))
		return watchdog;
	if (wanted && string_to_unsigned(wanted, UINT64_MAX / NSEC_PER_USEC, &number))
		watchdog.interval = number * NSEC_PER_USEC / 2;
	return watchdog;
}

void watchdog_satisfy(struct watchdog *watchdog, uint64_t now)
{
	if (watchdog->interval == 0 || now < watchdog->due)
		return;
	notify_manager("WATCHDOG=1");
	watchdog->due = now + watchdog->interval;
}
