/* What the tests of the door share: a door before a control in memory, whose clock the test holds, and requests to it
 * that are signed as a client would. */
#pragma once

#include "api/api.h"
#include "control/credential.h"
#include "control/fixture.h"

struct door {
	struct fixture
		fixture; /* Its clock is set to the real time first: signatures know no other. */
	struct api *api;
	struct key_record admin; /* Of the fixture's account. */
	struct caller administrator;
	char *record;   /* Of the last request; NULL: there was none. */
	int unrecorded; /* Why, if it is a fault. */
};

/* Who sends a request, and from where. */
struct sender {
	const struct key_record *key;
	const char *token;   /* NULL: none. */
	const char *address; /* NULL: loopback. */
};

struct throttle_rate;

struct answer {
	unsigned int status;
	char *body;
};

void door_open(struct door *door);
void door_close(struct door *door);

/* For cmocka: the state is a door. */
int door_setup(void **state);
int door_teardown(void **state);

/* Another door before the same control, with such rates. */
void door_replace(struct door *door, const struct throttle_rate *rates, size_t count);

/* Sends one request to "ec2" or "sts": the fields of its form without Version, as in "Action=…&…". */
struct answer door_ask(struct door *door, const struct sender *sender, const char *service,
		       const char *fields);
void answer_fini(struct answer *answer);

/* The same, with the whole reply, which may have begun with something. */
void door_send(struct door *door, const struct sender *sender, const char *service,
	       const char *fields, struct http_reply *reply);

/* The first element of that name, "" if there is none; the caller's to free. */
char *answer_get(const struct answer *answer, const char *element);

/* Asks, and expects the code of an error, or NULL for success. */
void door_expect(struct door *door, const struct sender *sender, const char *service,
		 const char *fields, const char *code);
