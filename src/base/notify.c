// SPDX-License-Identifier: Apache-2.0
#include "base/notify.h"

#include "base/cleanup.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

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
