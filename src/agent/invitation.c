// SPDX-License-Identifier: Apache-2.0
#include "agent/invitation.h"

#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define AUTHORITY "-----BEGIN "
#define LINE_SIZE 1024

static int take_line(struct invitation *invitation, char *line, struct refusal *why);
static int check(const struct invitation *invitation, struct refusal *why);

static const struct row {
	const char *key;
	size_t offset, size;
	bool repeated;
} rows[] = {
	{"controller", offsetof(struct invitation, controllers), CREDENTIALS_ENDPOINT_SIZE, true},
	{"region", offsetof(struct invitation, region), CREDENTIALS_REGION_SIZE, false},
	{"host", offsetof(struct invitation, host), HOST_NAME_SIZE, false},
	{"code", offsetof(struct invitation, code), INVITATION_CODE_SIZE, false},
};

int invitation_parse(const char *text, struct invitation *ret_invitation, struct refusal *why)
{
	struct invitation invitation = {};
	char line[LINE_SIZE];
	int r = 0;

	while (r == 0 && *text != '\0' && !invitation.authority) {
		size_t length = strcspn(text, "\n");

		if (strncmp(text, AUTHORITY, strlen(AUTHORITY)) == 0) {
			invitation.authority = text;
		} else if (length >= sizeof(line)) {
			r = refuse(why, 0, "a line of the enrolment is too long: '%.40s…'", text);
		} else {
			memcpy(line, text, length);
			line[length] = '\0';
			r = take_line(&invitation, line, why);
			text += length + (text[length] == '\n');
		}
	}
	explicit_bzero(line, sizeof(line));
	if (r == 0)
		r = check(&invitation, why);
	if (r == 0)
		*ret_invitation = invitation;
	explicit_bzero(&invitation, sizeof(invitation));
	return r;
}

/* Keys that a later controller may write are passed over. */
static int take_line(struct invitation *invitation, char *line, struct refusal *why)
{
	char *start = line + strspn(line, " \t"), *value = strchr(start, ':'), *end;

	end = start + strlen(start);
	while (end > start && strchr(" \t\r", end[-1]))
		*--end = '\0';
	if (*start == '\0' || *start == '#')
		return 0;
	if (!value)
		return refuse(why, 0,
			      "'%.40s' is no line of an enrolment: it takes what 'tmirror host "
			      "add' prints",
			      start);
	*value++ = '\0';
	value += strspn(value, " \t");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *member = (char *)invitation + rows[i].offset;

		if (strcmp(rows[i].key, start) != 0)
			continue;
		if (rows[i].repeated && invitation->controller_count == INVITATION_CONTROLLERS_MAX)
			return refuse(why, 0, "an enrolment names at most %d controllers",
				      INVITATION_CONTROLLERS_MAX);
		if (rows[i].repeated)
			member += invitation->controller_count++ * rows[i].size;
		if (!string_copy(member, rows[i].size, value))
			return refuse(why, 0, "the enrolment's %s is too long", start);
	}
	return 0;
}

static int check(const struct invitation *invitation, struct refusal *why)
{
	static const char missing[] =
		"the enrolment has no %s: it takes all that 'tmirror host add' prints";

	if (invitation->controller_count == 0)
		return refuse(why, 0, missing, "controller");
	if (invitation->region[0] == '\0')
		return refuse(why, 0, missing, "region");
	if (invitation->code[0] == '\0')
		return refuse(why, 0, missing, "code");
	for (size_t i = 0; i < invitation->controller_count; i++)
		if (strncmp(invitation->controllers[i], "http", 4) != 0 ||
		    strpbrk(invitation->controllers[i], " ,@'\""))
			return refuse(why, 0, "'%.100s' is no URL of a controller",
				      invitation->controllers[i]);
	if (invitation->host[0] != '\0' && !host_name_valid(invitation->host))
		return refuse(why, 0, "'%.64s' is no name of a host", invitation->host);
	return 0;
}
