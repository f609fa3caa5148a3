/* The control plane: what each request means.
 *
 * Stands between the doors (api/) and the store: it knows ownership, quotas, life cycles and plans, but no HTTP and no
 * bytes, so that API, console and tests make the same calls.  Each noun has its own header: source.h, filter.h,
 * target.h, session.h, tag.h, host.h, site.h, status.h, explain.h; account.h, identity.h, policy.h, credential.h.
 *
 * Every call is one transaction.  A mutating one is durable when it returns 0; whatever else it returns, nothing has
 * changed.  All calls return 0, REFUSED with the reason in 'why' (never NULL), or a negative errno; outputs stay as they
 * were unless 0 is returned.  Outputs start zeroed and are released with their own _fini.
 *
 * Not thread-safe: the door holds one lock around calls.  Other controllers may work on the same store, so the door enters and
 * leaves around what belongs together. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"
#include "mirror/id.h"
#include "mirror/limits.h"
#include "mirror/refusals.h"
#include "mirror/source.h"
#include "mirror/tag.h"
#include "mirror/usage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control;
struct seal_key;
struct selector_act;
struct store;

#define REGION_NAME_SIZE  64
#define PRINCIPAL_SIZE    640 /* Paths of users and roles are long. */
#define PRINCIPAL_ID_SIZE 32

enum caller_kind { CALLER_USER, CALLER_HOST, CALLER_KIND_COUNT };

/* Who asks. */
struct caller {
	struct account_id account;
	enum caller_kind kind;
	char arn[PRINCIPAL_SIZE];          /* As in "arn:aws:iam::123456789012:user/admin". */
	char user_id[PRINCIPAL_SIZE];      /* As GetCallerIdentity tells it. */
	char principal[PRINCIPAL_ID_SIZE]; /* Whose policies hold; "" of a host. */
	char host[HOST_NAME_SIZE]; /* Of a host's own key: it speaks for this one alone; else "". */
	char key[32];              /* Of a host: the id of its key. */
	int64_t session_began;     /* Of a temporary key: milliseconds since the epoch; else 0. */
	bool console; /* That key is the console's: its user may do all that he may with his own. */
	bool dry_run; /* Ends in REFUSE_DRY_RUN what would have succeeded, and changes nothing. */
};

/* What makes a create repeatable: the same token with the same hash gives the first object again for a day.
 * Both NULL: no token was given. */
struct once {
	const char *token;
	const char *request_hash; /* Of the other parameters, made by the door. */
};

/* A number that a request may leave out; control checks its range, so any integer may be handed in. */
struct optional_number {
	bool set;
	int64_t value;
};

struct control_options {
	struct account_id account; /* Empty: the one in the store, made up at the first start. */
	char region[REGION_NAME_SIZE];
	struct limits limits;
	const struct seal_key *seal_key; /* For secrets at rest; copied. */
	const struct address *resolvers; /* Of the network service "amazon-dns"; copied. */
	size_t resolver_count;
	struct price_list prices;      /* Of sessions' hours; without any, AWS's. */
	void *context;                 /* Handed to the functions below. */
	int64_t (*now)(void *context); /* Milliseconds since the epoch; NULL: the clock. */
	/* Called after a commit for each host whose plan has a new revision; may be NULL. */
	void (*changed)(void *context, const char *host);
	/* Called once it is known that another controller has written to the store; may be NULL. */
	void (*others_wrote)(void *context);
	/* The same for each session that a selector has made, changed or ended (selector.h). */
	void (*selected)(void *context, const struct selector_act *act);
};

/* Takes the store over as it is found.  'store' is borrowed and must outlive the control.  Refuses limits that the data
 * plane cannot hold, another account than the store's, and another seal key than the one its secrets were sealed with. */
int control_open(struct store *store, const struct control_options *options,
		 struct control **ret_control, struct refusal *why);
void control_free(struct control *control);
DEFINE_CLEANUP(struct control *, control_free)

/* Looks at what others have done to the store, and forgets what is not true any more.  Until control_leave() everything that is
 * read is of one state, but for the caller's own writes.  -ENOTCONN: the store is out of reach. */
int control_enter(struct control *control);
void control_leave(struct control *control);

/* The account that owns what the administrator's first key makes. */
const struct account_id *control_get_account(const struct control *control);
const char *control_get_region(const struct control *control);
/* While it is the same, so is everything that is described but by the time of day and by what hosts report of themselves. */
int64_t control_get_version(const struct control *control);
/* The number of the store's last change, which all controllers that share it have in common; 0: it is ours alone. */
int64_t control_get_last_change(const struct control *control);

/* Whether the caller is of the first account, which runs the service. */
bool caller_runs_service(const struct control *control, const struct caller *caller);
