// SPDX-License-Identifier: Apache-2.0
#include "api/changes.h"

#include "api/action.h"
#include "base/text.h"
#include "mirror/id.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS 256

struct entry {
	struct entry *next;
	struct account_id account;
	int64_t changed[CHANGE_KIND_COUNT];
};

struct changes {
	int64_t latest; /* The revision that was given last. */
	int64_t everywhere[CHANGE_KIND_COUNT];
	struct entry *chains[CHAINS];
};

static struct entry *find_entry(const struct changes *changes, const char *account);
static struct entry *make_entry(struct changes *changes, const char *account);
static size_t hash_account(const char *account);

static const char *const kind_names[CHANGE_KIND_COUNT] = {
	[CHANGE_SESSION] = "session",   [CHANGE_SELECTOR] = "selector", [CHANGE_FILTER] = "filter",
	[CHANGE_TARGET] = "target",     [CHANGE_SOURCE] = "source",     [CHANGE_HOST] = "host",
	[CHANGE_BALANCER] = "balancer", [CHANGE_ENDPOINT] = "endpoint", [CHANGE_USER] = "user",
	[CHANGE_ACCOUNT] = "account",   [CHANGE_QUOTA] = "quota",       [CHANGE_EVENT] = "event",
	[CHANGE_TAG] = "tag",
};

/* The first that fits.  What is shared, offered or ruled over by others changes for them, too. */
static const struct row {
	const char *service, *pattern;
	struct change_effect effect;
} rows[] = {
	{"ec2", "*TrafficMirrorSession", {CHANGE(CHANGE_SESSION)}},
	{"ec2", "*TrafficMirrorSelector", {CHANGE(CHANGE_SELECTOR)}},
	{"ec2", "*TrafficMirrorFilter*", {CHANGE(CHANGE_FILTER)}},
	{"ec2", "*hareTrafficMirrorTarget", {CHANGE(CHANGE_TARGET) | CHANGE(CHANGE_SESSION), true}},
	{"ec2", "*TrafficMirrorTarget", {CHANGE(CHANGE_TARGET)}},
	{"ec2", "*TrafficMirrorHost*", {CHANGE(CHANGE_HOST) | CHANGE(CHANGE_SOURCE)}},
	{"ec2", "*TrafficMirrorQuota", {CHANGE(CHANGE_QUOTA), true}},
	{"ec2", "*NetworkInterface*", {CHANGE(CHANGE_SOURCE)}},
	{"ec2", "*Endpoint*", {CHANGE(CHANGE_ENDPOINT), true}},
	{"ec2", "*TrafficMirrorPeek", {0}},
	{"ec2", "*Tags", {CHANGE(CHANGE_TAG)}},
	{"elasticloadbalancing", "*Tags", {CHANGE(CHANGE_BALANCER) | CHANGE(CHANGE_TAG)}},
	{"elasticloadbalancing", "*", {CHANGE(CHANGE_BALANCER)}},
	{"iam", "*Account", {CHANGE(CHANGE_ACCOUNT), true}},
	{"iam", "*", {CHANGE(CHANGE_USER)}},
	{"sts", "*", {0}},
};

const char *change_kind_name(enum change_kind kind)
{
	return kind_names[kind];
}

int changes_new(int64_t now, struct changes **ret_changes)
{
	struct changes *changes = calloc(1, sizeof(*changes));

	if (!changes)
		return -ENOMEM;
	*ret_changes = changes;
	changes_note(changes, NULL, CHANGE_ALL, now);
	return 0;
}

void changes_free(struct changes *changes)
{
	for (size_t i = 0; i < CHAINS; i++)
		while (changes->chains[i]) {
			struct entry *entry = changes->chains[i];

			changes->chains[i] = entry->next;
			free(entry);
		}
	free(changes);
}

/* Of an action that has no row everything is said to have changed: too much is seen by nobody, too little by everybody.
 * Each change is an event, too. */
struct change_effect change_effect_of(const struct service *service, const char *action)
{
	struct change_effect effect = {CHANGE_ALL, true};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].service, service->name) == 0 &&
		    string_matches(rows[i].pattern, action)) {
			effect = rows[i].effect;
			break;
		}
	effect.kinds |= CHANGE(CHANGE_EVENT);
	return effect;
}

/* Where there is no memory for the account alone, all are told. */
void changes_note(struct changes *changes, const char *account, unsigned int kinds, int64_t now)
{
	struct entry *entry = account ? make_entry(changes, account) : NULL;
	int64_t *changed = entry ? entry->changed : changes->everywhere;

	changes->latest = MAX(changes->latest + 1, now);
	for (unsigned int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		if (kinds & CHANGE(kind))
			changed[kind] = changes->latest;
}

/* One that another controller gave out is newer than ours and stays: back there, it must not seem old.  Nobody has seen what is yet to
 * come: that was another life, or another clock. */
int64_t changes_get(const struct changes *changes, const char *account, int64_t since,
		    int64_t latest, unsigned int *ret_kinds)
{
	const struct entry *entry = find_entry(changes, account);
	int64_t revision = 0;
	unsigned int kinds = 0;

	for (unsigned int kind = 0; kind < CHANGE_KIND_COUNT; kind++) {
		int64_t changed = MAX(changes->everywhere[kind], entry ? entry->changed[kind] : 0);

		revision = MAX(revision, changed);
		kinds |= changed > since ? CHANGE(kind) : 0;
	}
	if (since > MAX(changes->latest, latest)) {
		*ret_kinds = CHANGE_ALL;
		return revision;
	}
	*ret_kinds = kinds;
	return MAX(revision, since);
}

int changes_watch(struct changes *changes, const char *account)
{
	return make_entry(changes, account) ? 0 : -ENOMEM;
}

/* No host's name, which others wait by, has a slash. */
void changes_format_key(const char *account, char ret_key[CHANGES_KEY_SIZE])
{
	(void)snprintf(ret_key, CHANGES_KEY_SIZE, "changes/%s", account);
}

void changes_wake(const struct changes *changes, const char *account,
		  void (*wake)(void *context, const char *key), void *context)
{
	char key[CHANGES_KEY_SIZE];

	if (account) {
		changes_format_key(account, key);
		wake(context, key);
		return;
	}
	for (size_t i = 0; i < CHAINS; i++)
		for (const struct entry *entry = changes->chains[i]; entry; entry = entry->next)
			changes_wake(changes, entry->account.text, wake, context);
}

static struct entry *find_entry(const struct changes *changes, const char *account)
{
	struct entry *entry = changes->chains[hash_account(account)];

	while (entry && strcmp(entry->account.text, account) != 0)
		entry = entry->next;
	return entry;
}

static struct entry *make_entry(struct changes *changes, const char *account)
{
	struct entry *entry = find_entry(changes, account);
	struct entry **chain = &changes->chains[hash_account(account)];

	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	(void)string_copy(entry->account.text, sizeof(entry->account.text), account);
	entry->next = *chain;
	*chain = entry;
	return entry;
}

/* FNV-1a. */
static size_t hash_account(const char *account)
{
	uint32_t hash = 2166136261;

	for (; *account != '\0'; account++)
		hash = (hash ^ (unsigned char)*account) * 16777619;
	return hash % CHAINS;
}
