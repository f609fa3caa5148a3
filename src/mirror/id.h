/* Names of things: resource ids as EC2 shapes them, a prefix that tells the kind and 17 hexadecimal digits. */
#pragma once

#include <stdbool.h>

#define RESOURCE_ID_SIZE 32

/* A plain string in a box, so that ids are copied and compared as values. */
struct resource_id {
	char text[RESOURCE_ID_SIZE];
};

enum resource_kind {
	RESOURCE_NONE,
	RESOURCE_INTERFACE,        /* eni-: a source, or an appliance elsewhere. */
	RESOURCE_INSTANCE,         /* i- */
	RESOURCE_VPC,              /* vpc- */
	RESOURCE_SUBNET,           /* subnet- */
	RESOURCE_FILTER,           /* tmf- */
	RESOURCE_FILTER_RULE,      /* tmfr- */
	RESOURCE_TARGET,           /* tmt- */
	RESOURCE_SESSION,          /* tms- */
	RESOURCE_SELECTOR,         /* tmsel- */
	RESOURCE_ENDPOINT_SERVICE, /* vpce-svc- */
	RESOURCE_ENDPOINT, /* vpce-; kinds are told by their prefixes, the longer one first. */
	RESOURCE_KIND_COUNT,
};

/* What EC2 calls the kind in TagSpecification and DescribeTags, as in "traffic-mirror-session". */
const char *resource_kind_name(enum resource_kind kind);

/* A new id from 68 random bits; of an endpoint from 64, for appliances are told it as a number. */
struct resource_id resource_id_new(enum resource_kind kind);

/* The same id for the same 'seed' always: for what is made once per host or site (FNV-1a, not for secrets). */
struct resource_id resource_id_derive(enum resource_kind kind, const char *seed);

/* The kind an id's prefix names, RESOURCE_NONE for an unknown one. */
enum resource_kind resource_id_kind(const char *text);

/* Accepts only the kind's prefix followed by 8 to 17 lower-case hexadecimal digits. */
bool resource_id_parse(enum resource_kind kind, const char *text, struct resource_id *ret_id);

bool resource_id_equal(const struct resource_id *a, const struct resource_id *b);
static inline bool resource_id_set(const struct resource_id *id)
{
	return id->text[0] != '\0';
}

#define ACCOUNT_ID_SIZE 13

/* Twelve decimal digits. */
struct account_id {
	char text[ACCOUNT_ID_SIZE];
};
