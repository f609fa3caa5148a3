// SPDX-License-Identifier: Apache-2.0
/* A line is one write to the end of the file, so threads need no lock; and a new file takes the old one's descriptor, so
 * none of them notices. */
#include "controller/audit_log.h"

#include "base/cleanup.h"
#include "base/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

static int open_file(const char *path, int *ret_descriptor, struct refusal *why);

int audit_log_open(const char *where, struct audit_log *ret_log, struct refusal *why)
{
	struct audit_log log = {.descriptor = -1, .system = strcmp(where, AUDIT_LOG_SYSTEM) == 0};
	int r = 0;

	if (log.system) {
		openlog("tmirror-controller", LOG_PID, LOG_AUTHPRIV);
	} else {
		log.path = where;
		r = open_file(where, &log.descriptor, why);
	}
	if (r == 0)
		*ret_log = log;
	return r;
}

int audit_log_reopen(struct audit_log *log, struct refusal *why)
{
	_cleanup_(closep) int fresh = -1;
	int r;

	if (!log->path)
		return 0;
	r = open_file(log->path, &fresh, why);
	if (r != 0)
		return r;
	return dup3(fresh, log->descriptor, O_CLOEXEC) < 0 ? -errno : 0;
}

void audit_log_close(struct audit_log *log)
{
	if (log->system)
		closelog();
	closep(&log->descriptor);
	*log = (struct audit_log){.descriptor = -1};
}

int audit_log_write(struct audit_log *log, const char *record)
{
	const size_t length = strlen(record);
	const bool torn = atomic_exchange(&log->torn, false);
	struct iovec parts[] = {
		{(void *)(uintptr_t) "\n", torn ? 1 : 0},
		{(void *)(uintptr_t)record, length},
		{(void *)(uintptr_t) "\n", 1},
	};
	ssize_t written;

	if (log->system)
		syslog(LOG_AUTHPRIV | LOG_INFO, "%s", record);
	if (log->descriptor < 0)
		return 0;
	do
		written = writev(log->descriptor, parts, 3);
	while (written < 0 && errno == EINTR);
	if (written == (ssize_t)(torn + length + 1))
		return 0;
	if (torn || written > 0)
		atomic_store(&log->torn, true);
	return written < 0 ? -errno : -ENOSPC;
}

/* What is a file is for its owner's eyes, also if it was there before; a pipe or terminal is as it is, and neither its opening nor
 * its being full makes anybody wait. */
static int open_file(const char *path, int *ret_descriptor, struct refusal *why)
{
	_cleanup_(closep) int descriptor = -1;
	struct stat status;

	descriptor =
		open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (descriptor < 0 || fstat(descriptor, &status) < 0 ||
	    (S_ISREG(status.st_mode) && fchmod(descriptor, 0600) < 0))
		return refuse(why, 0, "cannot write the audit log '%.300s': %s", path,
			      strerrordesc_np(errno));
	*ret_descriptor = TAKE_FD(descriptor);
	return 0;
}
