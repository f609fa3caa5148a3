// SPDX-License-Identifier: Apache-2.0
#include "api/sign_in.h"

#include "api/tries.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"
#include "base/text.h"
#include "control/temporary.h"
#include "mirror/refusals.h"
#include "sigv4/hash.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define OFFERS_MAX         128
#define OFFERS_PER_ACCOUNT 8

struct offer {
	struct temporary_key key;
	char digest[HASH_TEXT_SIZE]; /* Of the code; "": nobody's offer. */
	uint64_t expires;
};

struct sign_ins {
	struct offer offers[OFFERS_MAX];
	struct tries *tries;
};

static struct offer *find_room(struct sign_ins *sign_ins, const char *account, uint64_t now);
static bool is_open(const struct offer *offer, uint64_t now);
static bool digests_are_equal(const char *a, const char *b);
static void offer_fini(struct offer *offer);

int sign_ins_new(struct sign_ins **ret_sign_ins)
{
	_cleanup_(sign_ins_freep) struct sign_ins *sign_ins = calloc(1, sizeof(*sign_ins));
	int r;

	if (!sign_ins)
		return -ENOMEM;
	r = tries_new(&sign_ins->tries);
	if (r < 0)
		return r;
	*ret_sign_ins = TAKE_PTR(sign_ins);
	return 0;
}

void sign_ins_free(struct sign_ins *sign_ins)
{
	for (size_t i = 0; i < OFFERS_MAX; i++)
		offer_fini(&sign_ins->offers[i]);
	tries_freep(&sign_ins->tries);
	free(sign_ins);
}

int sign_in_offer(struct sign_ins *sign_ins, struct temporary_key *key, uint64_t now,
		  char ret_code[SIGN_IN_CODE_SIZE], struct refusal *why)
{
	struct offer *offer = find_room(sign_ins, key->key.caller.account.text, now);
	unsigned char code[(SIGN_IN_CODE_SIZE - 1) / 2];

	if (!offer)
		return refuse(why, REFUSE_UNAVAILABLE,
			      "%d links to the console wait to be opened: try again in a minute",
			      OFFERS_MAX);
	offer_fini(offer);
	random_bytes(code, sizeof(code));
	hex_encode(code, sizeof(code), ret_code);
	hash_text(ret_code, SIGN_IN_CODE_SIZE - 1, offer->digest);
	offer->expires = now + SIGN_IN_SECONDS * NSEC_PER_SEC;
	offer->key = *key;
	*key = (struct temporary_key){};
	return 0;
}

int sign_in_redeem(struct sign_ins *sign_ins, const struct address *peer, const char *code,
		   uint64_t now, struct temporary_key *ret_key, struct refusal *why)
{
	struct offer *found = NULL;
	char digest[HASH_TEXT_SIZE];

	if (!tries_take(sign_ins->tries, peer, now))
		return refuse(why, REFUSE_TOO_MANY_REQUESTS, "Request limit exceeded.");
	hash_text(code, strlen(code), digest);
	for (size_t i = 0; i < OFFERS_MAX; i++) {
		struct offer *offer = &sign_ins->offers[i];
		bool equal = digests_are_equal(offer->digest, digest);

		found = equal && is_open(offer, now) ? offer : found;
	}
	if (!found)
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "The link is not valid: it is good once, and for %d seconds",
			      SIGN_IN_SECONDS);
	*ret_key = found->key;
	found->key = (struct temporary_key){};
	offer_fini(found);
	return 0;
}

/* One that is over, or the oldest of the account's if it has its share; NULL: there is none. */
static struct offer *find_room(struct sign_ins *sign_ins, const char *account, uint64_t now)
{
	struct offer *room = NULL, *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < OFFERS_MAX; i++) {
		struct offer *offer = &sign_ins->offers[i];

		if (!is_open(offer, now)) {
			room = offer;
		} else if (strcmp(offer->key.key.caller.account.text, account) == 0) {
			count++;
			if (!oldest || offer->expires < oldest->expires)
				oldest = offer;
		}
	}
	return count < OFFERS_PER_ACCOUNT ? room : oldest;
}

static bool is_open(const struct offer *offer, uint64_t now)
{
	return offer->digest[0] != '\0' && now < offer->expires;
}

/* In the same time, however much of them is equal. */
static bool digests_are_equal(const char *a, const char *b)
{
	volatile unsigned char difference = 0;

	for (size_t i = 0; i < HASH_TEXT_SIZE; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

static void offer_fini(struct offer *offer)
{
	temporary_key_fini(&offer->key);
	explicit_bzero(offer, sizeof(*offer));
}
