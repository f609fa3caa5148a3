/* The condition keys that a request has as a whole, whatever it is about: who asks, from where, when, how. */
#pragma once

#include "access/context.h"
#include "base/address.h"
#include "base/clock.h"

struct call;
struct principal;
struct visit;

/* Where values lie that had to be written; must outlive the context. */
struct request_keys {
	char source[ADDRESS_TEXT_SIZE];
	char now[TIMESTAMP_SIZE], epoch[24], issued[TIMESTAMP_SIZE];
};

/* Returns 0 or -ENOMEM.  Borrows from everything that it is given. */
int request_keys_add(struct request_keys *keys, const struct visit *visit, const struct call *call,
		     const struct principal *principal, struct access_context *context);

/* The tags that a request gives to what it makes ("TagSpecification.…"), or to what is there ("Tag.…"). */
int request_keys_add_tags(const struct call *call, const char *keys, const char *values,
			  struct access_context *context);
