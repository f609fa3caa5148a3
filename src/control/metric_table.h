/* Which metrics there are, and of what.  Private to control/. */
#pragma once

#include "control/monitoring.h"
#include "store/history.h"

/* What a metric counts. */
enum metric_subject {
	METRIC_ACCEPTED,
	METRIC_SHIPPED,
	METRIC_LOST,
	METRIC_SKIPPED, /* Lost, and not left out because the session's owner wished it. */
};

struct metric {
	const char *namespace;
	const char *name;
	enum metric_subject subject;
	enum direction direction;
	bool bytes;
};

/* A metric of something. */
struct metric_choice {
	const struct metric *metric;
	enum history_scope scope;
	const char *object;
	int reason; /* A loss_reason, or -1: all. */
};

extern const struct metric metric_table[];
extern const size_t metric_count;

/* The name of the dimension, and of the namespace whose metrics have it. */
const char *metric_scope_dimension(enum history_scope scope);
const char *metric_scope_namespace(enum history_scope scope);
/* Whether its things have a metric of the name; NULL is any. */
bool metric_scope_has(enum history_scope scope, const char *namespace, const char *name);

/* The dimension of losses besides that of the thing. */
#define METRIC_REASON "Reason"

/* Returns false if there is no metric with these dimensions. */
bool metric_choose(const struct metric_wish *wish, struct metric_choice *ret_choice);

const char *metric_unit(const struct metric *metric);
/* Whether its losses can be told by reason. */
bool metric_has_reasons(const struct metric *metric);
/* Whether a loss for the reason counts. */
bool metric_choice_counts(const struct metric_choice *choice, enum loss_reason reason);
