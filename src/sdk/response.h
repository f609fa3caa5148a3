/* A response: the tree of elements that an XML document holds.
 *
 * Attributes and namespaces mean nothing in this protocol and are left out.  The answer of a server that we do not
 * know is bounded in depth and number of elements, and may declare no document type, hence no entities. */
#pragma once

#include "base/cleanup.h"
#include "sdk/tmirror.h"

#include <stddef.h>

struct refusal;
struct request_service;

#define RESPONSE_DEPTH_MAX 32
#define RESPONSE_NODES_MAX 4000000
#define RESPONSE_SIZE_MAX  (64 << 20)

struct tmirror_node {
	char *name;
	char *text; /* "" for elements that hold other elements. */
	struct tmirror_node *first, *last, *next;
	struct tmirror_node *parent;
};

DEFINE_CLEANUP(struct tmirror_response *, tmirror_response_free)

/* Returns 0, REFUSED with the reason, or -ENOMEM. */
int response_parse(const char *document, size_t size, struct tmirror_response **ret_response,
		   struct refusal *why);

/* The element with what the action has to say, which some services wrap; NULL when it is not there. */
const struct tmirror_node *response_result(const struct tmirror_node *root,
					   const struct request_service *service);

/* Makes one answer of two pages: lists become one, and all else is as the later page has it.  What is left of that one is
 * still to be freed. */
void response_absorb(struct tmirror_response *response, struct tmirror_response *later,
		     const struct request_service *service);
