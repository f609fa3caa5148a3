// SPDX-License-Identifier: Apache-2.0
#include "api/throttle.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/id.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS 1024

struct bucket {
	struct bucket *next;
	struct account_id account;
	char action[THROTTLE_ACTION_SIZE];
	bool everything;
	uint64_t full; /* When it will be full, if nothing more is taken. */
};

struct throttle {
	pthread_mutex_t lock;
	struct throttle_rate *rates; /* The administrator's. */
	size_t rate_count;
	struct bucket *chains[CHAINS];
};

/* AWS's numbers, as far as it tells them: of EC2 in "Request throttling", of STS in its quotas.  Of IAM it tells none, so
 * that goes by EC2's. */
static const struct row {
	const char *service; /* NULL: any. */
	bool everything;     /* Only such requests. */
	struct throttle_rate rate;
} rows[] = {
	{"sts", false, {"*", 600, NSEC_PER_SEC / 600}},
	{"cloudtrail", false, {"LookupEvents", 2, NSEC_PER_SEC / 2}},
	{"monitoring", false, {"GetMetric*", 50, NSEC_PER_SEC / 10}},
	{"ec2", false, {"DescribeTrafficMirrorUsage", 20, NSEC_PER_SEC / 2}},
	{"ec2", true, {"DescribeNetworkInterfaces", 50, NSEC_PER_SEC / 10}},
	{"ec2", true, {"DescribeInstances", 50, NSEC_PER_SEC / 10}},
	{"ec2", false, {"CreateTags", 100, NSEC_PER_SEC / 10}},
	{"ec2", false, {"DeleteTags", 100, NSEC_PER_SEC / 10}},
	{"ec2", false, {"CreateNetworkInterface", 100, NSEC_PER_SEC / 5}},
	{"ec2", false, {"DeleteNetworkInterface", 100, NSEC_PER_SEC / 5}},
	{NULL, false, {"Describe*", 100, NSEC_PER_SEC / 20}},
	{NULL, false, {"Explain*", 100, NSEC_PER_SEC / 20}},
	{NULL, false, {"Get*", 100, NSEC_PER_SEC / 20}},
	{NULL, false, {"List*", 100, NSEC_PER_SEC / 20}},
	{NULL, false, {"*", 50, NSEC_PER_SEC / 5}},
};

static const struct throttle_rate *find_rate(const struct throttle *throttle,
					     const struct throttle_request *request,
					     bool *ret_everything);
static int find_bucket(struct throttle *throttle, const struct throttle_request *request,
		       bool everything, struct bucket **ret_bucket);
static size_t hash_request(const struct throttle_request *request);
static bool parse_interval(const char *per_second, uint64_t *ret_interval);

int throttle_rate_parse(const char *text, struct throttle_rate *ret_rate, struct refusal *why)
{
	size_t length = strcspn(text, "=");
	const char *value = text + length + 1;
	struct throttle_rate rate = {};
	char burst_text[24] = "";
	unsigned long long burst;
	size_t digits;

	if (text[length] != '=' || length == 0 || length >= sizeof(rate.action))
		return refuse(why, 0, "'%s' is not of the form ACTION=BURST/PER-SECOND", text);
	memcpy(rate.action, text, length);
	if (strcmp(value, "unlimited") == 0) {
		*ret_rate = rate;
		return 0;
	}
	digits = strcspn(value, "/");
	if (value[digits] != '/' || digits >= sizeof(burst_text))
		return refuse(why, 0, "'%s' is not of the form ACTION=BURST/PER-SECOND", text);
	memcpy(burst_text, value, digits);
	if (!string_to_unsigned(burst_text, THROTTLE_BURST_MAX, &burst) || burst == 0 ||
	    !parse_interval(value + digits + 1, &rate.interval))
		return refuse(
			why, 0,
			"'%s' has no rate: a burst from 1 to %d, and from 0.001 to %d requests "
			"per second",
			text, THROTTLE_BURST_MAX, THROTTLE_BURST_MAX);
	rate.burst = (uint32_t)burst;
	*ret_rate = rate;
	return 0;
}

int throttle_new(const struct throttle_rate *rates, size_t count, struct throttle **ret_throttle)
{
	_cleanup_(throttle_freep) struct throttle *throttle = calloc(1, sizeof(*throttle));

	if (!throttle)
		return -ENOMEM;
	pthread_mutex_init(&throttle->lock, NULL);
	throttle->rates = calloc(count + 1, sizeof(*rates));
	if (!throttle->rates)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		throttle->rates[i] = rates[i];
	throttle->rate_count = count;
	*ret_throttle = TAKE_PTR(throttle);
	return 0;
}

void throttle_free(struct throttle *throttle)
{
	for (size_t i = 0; i < CHAINS; i++)
		while (throttle->chains[i]) {
			struct bucket *bucket = throttle->chains[i];

			throttle->chains[i] = bucket->next;
			free(bucket);
		}
	free(throttle->rates);
	pthread_mutex_destroy(&throttle->lock);
	free(throttle);
}

/* What was taken delays the time at which the bucket is full; it is empty when that is a whole burst away. */
int throttle_take(struct throttle *throttle, const struct throttle_request *request, uint64_t now,
		  struct refusal *why)
{
	const struct throttle_rate *rate;
	struct bucket *bucket;
	bool everything, empty;
	int r;

	rate = find_rate(throttle, request, &everything);
	if (rate->interval == THROTTLE_INTERVAL_NONE)
		return 0;
	pthread_mutex_lock(&throttle->lock);
	r = find_bucket(throttle, request, everything, &bucket);
	if (r < 0) {
		pthread_mutex_unlock(&throttle->lock);
		return r;
	}
	bucket->full = MAX(bucket->full, now);
	empty = bucket->full - now > (rate->burst - 1) * rate->interval;
	if (!empty)
		bucket->full += rate->interval;
	pthread_mutex_unlock(&throttle->lock);
	return empty ? refuse(why, REFUSE_TOO_MANY_REQUESTS, "Request limit exceeded.") : 0;
}

/* The last row fits everything. */
static const struct throttle_rate *find_rate(const struct throttle *throttle,
					     const struct throttle_request *request,
					     bool *ret_everything)
{
	size_t i;

	*ret_everything = false;
	for (i = 0; i < throttle->rate_count; i++)
		if (string_matches(throttle->rates[i].action, request->action))
			return &throttle->rates[i];
	for (i = 0; i < ARRAY_SIZE(rows) - 1; i++)
		if ((!rows[i].service || strcmp(rows[i].service, request->service) == 0) &&
		    (!rows[i].everything || request->everything) &&
		    string_matches(rows[i].rate.action, request->action))
			break;
	*ret_everything = rows[i].everything;
	return &rows[i].rate;
}

static int find_bucket(struct throttle *throttle, const struct throttle_request *request,
		       bool everything, struct bucket **ret_bucket)
{
	struct bucket **chain = &throttle->chains[hash_request(request) % CHAINS];
	struct bucket *bucket;

	for (bucket = *chain; bucket; bucket = bucket->next)
		if (bucket->everything == everything &&
		    strcmp(bucket->account.text, request->account) == 0 &&
		    strcmp(bucket->action, request->action) == 0)
			break;
	if (!bucket) {
		bucket = calloc(1, sizeof(*bucket));
		if (!bucket)
			return -ENOMEM;
		(void)string_copy(bucket->account.text, sizeof(bucket->account.text),
				  request->account);
		(void)string_copy(bucket->action, sizeof(bucket->action), request->action);
		bucket->everything = everything;
		bucket->next = *chain;
		*chain = bucket;
	}
	*ret_bucket = bucket;
	return 0;
}

/* FNV-1a: accounts and actions are of our own making, so nobody can aim at a chain. */
static size_t hash_request(const struct throttle_request *request)
{
	const char *const texts[] = {request->account, request->action};
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (const char *c = texts[i]; *c != '\0'; c++)
			hash = (hash ^ (unsigned char)*c) * 16777619;
	return hash;
}

/* "20", "0.3": up to three digits behind the point. */
static bool parse_interval(const char *per_second, uint64_t *ret_interval)
{
	size_t whole = strcspn(per_second, ".");
	unsigned long long thousandths;
	char digits[16] = "";
	size_t fraction = 0;

	if (whole == 0 || whole + 4 >= sizeof(digits))
		return false;
	memcpy(digits, per_second, whole);
	if (per_second[whole] == '.')
		fraction = strlen(per_second + whole + 1);
	if ((per_second[whole] == '.' && fraction == 0) || fraction > 3)
		return false;
	memcpy(digits + whole, "000", 3);
	memcpy(digits + whole, per_second + whole + (fraction > 0), fraction);
	if (!string_to_unsigned(digits, THROTTLE_BURST_MAX * 1000ULL, &thousandths) ||
	    thousandths == 0)
		return false;
	*ret_interval = 1000 * NSEC_PER_SEC / thousandths;
	return true;
}
