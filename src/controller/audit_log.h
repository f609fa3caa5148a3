/* Where the records of requests go beside the store, one line of JSON each: a file, or the system's log. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

struct refusal;

struct audit_log {
	const char *path; /* NULL: none, or the system's log. */
	int descriptor;
	bool system;
	atomic_bool torn; /* The last line is not whole, so the next one begins with a line feed. */
};

#define AUDIT_LOG_SYSTEM "syslog"

/* 'where' is a path or AUDIT_LOG_SYSTEM; borrowed.  Refuses a file that cannot be written, and a pipe that nobody reads. */
int audit_log_open(const char *where, struct audit_log *ret_log, struct refusal *why);

/* Goes on in a new file under the same name, after somebody moved the old one away.  Refuses, and goes on in the old one, if
 * there can be no new one. */
int audit_log_reopen(struct audit_log *log, struct refusal *why);
void audit_log_close(struct audit_log *log);

/* Any thread; does not wait.  Returns 0 or why the record is not, or not whole, in the file: -EAGAIN of a pipe that is full. */
int audit_log_write(struct audit_log *log, const char *record);
