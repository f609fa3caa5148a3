/* What 'tmirror host add' prints for a new host, and 'tmirror-agent enrol' reads:
 *
 *	controller: https://10.0.0.5:8773       and more of them, if there are several
 *	region: us-east-1
 *	host: web-17                            left out of one that is good for any host
 *	code: 80 hexadecimal digits
 *	-----BEGIN CERTIFICATE-----             of the controllers' authority; left out where the system knows it
 *
 * It comes by standard input, so the code is in no list of processes. */
#pragma once

#include "mirror/source.h"
#include "sigv4/credentials.h"

#include <stddef.h>

struct refusal;

#define INVITATION_SIZE_MAX        (64 << 10)
#define INVITATION_CONTROLLERS_MAX 8
#define INVITATION_CODE_SIZE       129

struct invitation {
	char controllers[INVITATION_CONTROLLERS_MAX][CREDENTIALS_ENDPOINT_SIZE];
	size_t controller_count;
	char region[CREDENTIALS_REGION_SIZE];
	char host[HOST_NAME_SIZE]; /* "": any. */
	char code[INVITATION_CODE_SIZE];
	const char *authority; /* In PEM, within the text; NULL: there is none. */
};

/* 'text' must outlive the invitation.  Returns 0 or REFUSED. */
int invitation_parse(const char *text, struct invitation *ret_invitation, struct refusal *why);
