/* When which kind of an account's objects changed last, for whoever waits to see it (DescribeTrafficMirrorChanges).
 *
 * A revision is the time of a change in milliseconds, made unique by counting on; with a store that controllers share, it is the number
 * of the store's last change, so each understands the others' revisions, and nobody who asks them in turn is told the same change
 * twice or none.  What others changed is known by number alone: then every kind has.  One of an earlier life of the controller is
 * known to be old: all kinds may have changed since.  Kept in memory only, a word for each account and kind; under the door's lock.
 *
 * What hosts tell every two seconds (counters, states) is no change here: who shows that asks as often as it likes. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct changes;
struct service;

enum change_kind {
	CHANGE_SESSION,
	CHANGE_SELECTOR,
	CHANGE_FILTER,
	CHANGE_TARGET,
	CHANGE_SOURCE,
	CHANGE_HOST,
	CHANGE_BALANCER,
	CHANGE_ENDPOINT,
	CHANGE_USER,
	CHANGE_ACCOUNT,
	CHANGE_QUOTA,
	CHANGE_EVENT,
	CHANGE_TAG,
	CHANGE_KIND_COUNT,
};

/* Sets of kinds have bits. */
#define CHANGE(kind) (1U << (kind))
#define CHANGE_ALL   (CHANGE(CHANGE_KIND_COUNT) - 1)

const char *change_kind_name(enum change_kind kind);

/* 'now' is in milliseconds, or the number of the store's last change, wherever it occurs. */
int changes_new(int64_t now, struct changes **ret_changes);
void changes_free(struct changes *changes);
DEFINE_CLEANUP(struct changes *, changes_free)

/* What an action that succeeds changes: kinds, and whether also those of others than the caller's account. */
struct change_effect {
	unsigned int kinds;
	bool everywhere;
};
struct change_effect change_effect_of(const struct service *service, const char *action);

/* Something of the account has changed; NULL: of any account. */
void changes_note(struct changes *changes, const char *account, unsigned int kinds, int64_t now);

/* The account's present revision, and the kinds that changed after 'since'.  No controller gives out a revision beyond 'latest'. */
int64_t changes_get(const struct changes *changes, const char *account, int64_t since,
		    int64_t latest, unsigned int *ret_kinds);

/* Before a request of the account waits: from then on it is among those that are woken.  Returns 0 or -ENOMEM. */
int changes_watch(struct changes *changes, const char *account);

#define CHANGES_KEY_SIZE 32

/* What requests of an account wait by (net/http_server.h). */
void changes_format_key(const char *account, char ret_key[CHANGES_KEY_SIZE]);

/* Calls 'wake' for the key of the account; NULL: of every account that is watched. */
void changes_wake(const struct changes *changes, const char *account,
		  void (*wake)(void *context, const char *key), void *context);
