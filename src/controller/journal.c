// SPDX-License-Identifier: Apache-2.0
#include "controller/journal.h"

#include "base/address.h"
#include "base/count.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ACTION_SIZE  64
#define MESSAGE_SIZE 300

static void copy_line(char *ret_line, size_t size, const char *text);
static bool only_looks(const char *action);

/* What was changed and who failed to get in are told; looking around is not, unless asked for. */
void journal_request(void *context, const struct api_event *event)
{
	char peer[ADDRESS_TEXT_SIZE] = "?", action[ACTION_SIZE], message[MESSAGE_SIZE];

	(void)context;
	if (event->peer->family != 0)
		address_format(event->peer, peer);
	copy_line(action, sizeof(action), event->action);
	copy_line(message, sizeof(message), event->message);
	if (event->unrecorded < 0)
		log_limited(LOG_LEVEL_ERROR, "request %s: its record could not be kept: %s",
			    event->request_id, strerrordesc_np(-event->unrecorded));
	if (event->fault < 0)
		log_error("request %s: %s by '%s' from %s: %s", event->request_id, action,
			  event->principal, peer, strerrordesc_np(-event->fault));
	else if (event->throttled)
		log_limited(LOG_LEVEL_WARNING,
			    "request %s: %s by '%s' from %s: %s; so far %" PRIu64,
			    event->request_id, action, event->principal, peer, event->error,
			    event->refused);
	else if (event->principal[0] == '\0' || event->status == 403)
		log_limited(LOG_LEVEL_WARNING, "request %s from %s: %s: %s", event->request_id,
			    peer, event->error, message);
	else
		log_line(only_looks(action) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
			 "request %s: %s by '%s' from %s: %u %s%s%s", event->request_id, action,
			 event->principal, peer, event->status, event->error,
			 message[0] != '\0' ? ": " : "", message);
}

/* Both quote what was sent, which could hold line ends to forge lines with. */
static void copy_line(char *ret_line, size_t size, const char *text)
{
	(void)snprintf(ret_line, size, "%s", text);
	for (char *c = ret_line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

static bool only_looks(const char *action)
{
	static const char *const beginnings[] = {"Describe", "Explain", "Get",
						 "List",     "Lookup",  "PostReport"};

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (strncmp(action, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}
