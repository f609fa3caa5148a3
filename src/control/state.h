/* What a control consists of.  Private to control/. */
#pragma once

#include "access/seal.h"
#include "control/control.h"
#include "control/headroom.h"
#include "control/peek.h"
#include "control/selector.h"
#include "mirror/plan.h"

#define ENDPOINT_SIZE  256
#define PRINCIPALS_MAX 512

struct principal;

/* How far an account is with what its selectors were refused (selection_turn.c). */
struct selection_turn {
	struct account_id owner;
	struct resource_id selector,
		source;  /* The last one that was looked at again; not set: none is left. */
	int64_t began;   /* The store's version when the first one was. */
	int64_t settled; /* The version of which there is nothing more to do. */
};

struct selection_turns {
	struct account_id last; /* Who had a turn last. */
	int64_t settled;        /* The version of which nobody has anything to do. */
	struct selection_turn *items;
	size_t count, capacity;
};

struct control {
	struct store *store; /* Borrowed. */
	struct account_id account;
	char region[REGION_NAME_SIZE];
	char endpoint[ENDPOINT_SIZE];
	struct limits limits;
	struct headroom headroom;
	struct peeks peeks;
	struct seal_key seal_key;
	struct address resolvers[PLAN_RESOLVERS_MAX];
	size_t resolver_count;
	struct price_list prices;
	void *context;
	int64_t (*now)(void *context);
	void (*changed)(void *context, const char *host);
	void (*others_wrote)(void *context);
	void (*selected)(void *context, const struct selector_act *act);
	struct selection_turns selection_turns;
	struct principal *principals[PRINCIPALS_MAX]; /* Those that principal.c keeps. */
};

/* Forgets what was remembered of the store, if another controller has changed it; after store_enter() and store_begin(). */
void control_notice(struct control *control);

/* Milliseconds since the epoch. */
int64_t control_now(const struct control *control);
