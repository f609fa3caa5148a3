/* Telling the service manager how we are: sd_notify(3)'s protocol, one datagram to $NOTIFY_SOCKET.
 *
 * Our own, because it is a dozen lines: libsystemd would bring a library with its own dependencies into programs that are to
 * run without systemd as well. */
#pragma once

#include <stdint.h>

/* 'state' is as in sd_notify(3), such as "READY=1".  Does nothing when no manager listens. */
void notify_manager(const char *state);

/* A manager may want a sign of life now and then, and start who gives none anew.  Times are monotonic nanoseconds. */
struct watchdog {
	uint64_t interval; /* Between two signs; 0 if nobody wants any. */
	uint64_t due;
};

/* Reads $WATCHDOG_USEC; two signs go into the time that the manager waits for one. */
struct watchdog watchdog_from_environment(void);

/* To be called whenever the program has shown to itself that it works; gives a sign when one is due. */
void watchdog_satisfy(struct watchdog *watchdog, uint64_t now);
