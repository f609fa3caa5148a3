// SPDX-License-Identifier: Apache-2.0
#include "mirror/balancer.h"

#include "base/count.h"
#include "mirror/refusals.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *path; /* In ARNs. */
} types[] = {
	[BALANCER_NETWORK] = {"network", "net"},
	[BALANCER_GATEWAY] = {"gateway", "gwy"},
};

/* AWS's attributes in AWS's order, with its defaults. */
static const struct attribute {
	const char *key;
	bool of_network_only;
	size_t flag;       /* Where it is kept; 0: it has one value only. */
	const char *value; /* That one. */
	const char *why;   /* There is no other. */
} attributes[] = {
	{"access_logs.s3.enabled", true, 0, "false", "no logs are written to S3"},
	{"access_logs.s3.bucket", true, 0, "", "no logs are written to S3"},
	{"access_logs.s3.prefix", true, 0, "", "no logs are written to S3"},
	{"deletion_protection.enabled", .flag = offsetof(struct balancer, guarded)},
	{"ipv6.deny_all_igw_traffic", true, 0, "false", "there is no internet gateway"},
	{"load_balancing.cross_zone.enabled", .flag = offsetof(struct balancer, cross_zone)},
	{"dns_record.client_routing_policy", true, 0, "any_availability_zone",
	 "there is one Availability Zone"},
	{"zonal_shift.config.enabled", true, 0, "false", "there is one Availability Zone"},
	{"secondary_ips.auto_assigned.per_subnet", true, 0, "0",
	 "copies go straight to the registered targets"},
};

static bool type_has(enum balancer_type type, const struct attribute *attribute);
static bool *flag_of(struct balancer *balancer, const struct attribute *attribute);
static int flag_parse(const struct attribute *attribute, const char *value, bool *ret_flag,
		      struct refusal *why);

const char *balancer_type_name(enum balancer_type type)
{
	return types[type].name;
}

bool balancer_type_parse(const char *name, enum balancer_type *ret_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].name, name) != 0)
			continue;
		*ret_type = (enum balancer_type)i;
		return true;
	}
	return false;
}

void balancer_make_arn(struct balancer *balancer, const char *region)
{
	char digits[ARN_DIGITS_SIZE], rest[BALANCER_NAME_SIZE + ARN_DIGITS_SIZE + 8];

	arn_make_digits(digits);
	(void)snprintf(rest, sizeof(rest), "%s/%s/%s", types[balancer->type].path, balancer->name,
		       digits);
	balancer->arn = arn_compose(ARN_BALANCER, region, balancer->owner.text, rest);
}

int balancer_validate_name(const char *name, struct refusal *why)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-";
	static const char reserved[] = "internal-";
	size_t length = strlen(name);

	if (length == 0 || length >= BALANCER_NAME_SIZE)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The load balancer name '%.64s' does not have 1 to %d characters",
			      name, BALANCER_NAME_SIZE - 1);
	if (strspn(name, characters) != length)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The load balancer name '%s' can only contain characters that are "
			      "alphanumeric characters and hyphens(-)",
			      name);
	if (name[0] == '-' || name[length - 1] == '-')
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The load balancer name '%s' cannot begin or end with a hyphen(-)",
			      name);
	if (strncmp(name, reserved, strlen(reserved)) == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The load balancer name '%s' cannot begin with '%s'", name, reserved);
	return 0;
}

void balancer_format_dns(const struct balancer *balancer, const char *region,
			 char ret_name[static BALANCER_DNS_SIZE])
{
	const char *digits = strrchr(balancer->arn.text, '/');

	(void)snprintf(ret_name, BALANCER_DNS_SIZE, "%s-%s.elb.%s.amazonaws.com", balancer->name,
		       digits ? digits + 1 : "", region);
}

const char *balancer_get_attribute(const struct balancer *balancer, size_t index,
				   const char **ret_value)
{
	struct balancer copy = *balancer;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		const struct attribute *attribute = &attributes[i];

		if (!type_has(balancer->type, attribute) || index-- > 0)
			continue;
		*ret_value = attribute->value             ? attribute->value
			     : *flag_of(&copy, attribute) ? "true"
							  : "false";
		return attribute->key;
	}
	return NULL;
}

int balancer_set_attribute(struct balancer *balancer, const char *key, const char *value,
			   struct refusal *why)
{
	const struct attribute *attribute = NULL;

	for (size_t i = 0; !attribute && i < ARRAY_SIZE(attributes); i++)
		if (strcmp(attributes[i].key, key) == 0)
			attribute = &attributes[i];
	if (!attribute)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Load balancer attribute key '%.256s' is not recognized", key);
	if (!type_has(balancer->type, attribute))
		return refuse(why, REFUSE_CONFIGURATION,
			      "Load balancer attribute key '%s' is not supported on load balancers "
			      "with type '%s'",
			      key, balancer_type_name(balancer->type));
	if (!attribute->value)
		return flag_parse(attribute, value, flag_of(balancer, attribute), why);
	if (strcmp(attribute->value, value) != 0)
		return refuse(why, REFUSE_CONFIGURATION,
			      "The load balancer attribute '%s' can only be '%s', not '%.128s': %s",
			      key, attribute->value, value, attribute->why);
	return 0;
}

static bool type_has(enum balancer_type type, const struct attribute *attribute)
{
	return type == BALANCER_NETWORK || !attribute->of_network_only;
}

static bool *flag_of(struct balancer *balancer, const struct attribute *attribute)
{
	return (bool *)((char *)balancer + attribute->flag);
}

static int flag_parse(const struct attribute *attribute, const char *value, bool *ret_flag,
		      struct refusal *why)
{
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Load balancer attribute '%s' is 'true' or 'false', not '%.128s'",
			      attribute->key, value);
	*ret_flag = strcmp(value, "true") == 0;
	return 0;
}
