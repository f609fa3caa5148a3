/* The interfaces that the service makes for objects of its own: load balancers and endpoints.
 *
 * EC2 calls them requester-managed.  DescribeNetworkInterfaces shows them like others, but they are no sources and stand
 * behind no target, and only with their object do they go.  Nothing is ever sent to their addresses: those only have to
 * be unique, so that an appliance can tell from a copy which endpoint it came through.  Private to control/. */
#pragma once

#include "control/transaction.h"
#include "mirror/source.h"

/* RFC 2544 set it aside for measuring, so no network that is mirrored routes it. */
#define MANAGED_BLOCK "198.18.0.0/15"

struct managed_interface_wish {
	const struct caller *caller; /* Whose it is to be. */
	enum interface_type type;
	const char *description;
	const char *address; /* Of IPv4; NULL: a free one of MANAGED_BLOCK. */
};

/* Refuses an address that is none, or that an interface of the account has. */
int managed_interface_add(struct transaction *transaction,
			  const struct managed_interface_wish *wish, struct source *ret_source,
			  struct refusal *why);

/* What is gone already is no fault. */
int managed_interface_remove(struct transaction *transaction, const struct resource_id *id);

/* Refuses to let somebody change or delete it. */
int managed_interface_check(const struct source *source, struct refusal *why);
