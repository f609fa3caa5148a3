// SPDX-License-Identifier: Apache-2.0
#include "control/arn_tag.h"

#include "control/arn.h"
#include "control/state.h"
#include "control/tagging.h"
#include "control/transaction.h"
#include "store/tag.h"

static int arns_check(struct control *control, const struct caller *caller, const char *const *arns,
		      size_t count, struct refusal *why);
static int keys_check(const char *const *keys, size_t count, struct refusal *why);

int control_tag_arns(struct control *control, const struct caller *caller, const char *const *arns,
		     size_t arn_count, const struct tag *tags, size_t tag_count,
		     struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r;

	r = tagging_check(tags, tag_count, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = arns_check(control, caller, arns, arn_count, why);
	for (size_t i = 0; r == 0 && i < arn_count; i++)
		r = tagging_add(control, caller, arns[i], tags, tag_count, why);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_untag_arns(struct control *control, const struct caller *caller,
		       const char *const *arns, size_t arn_count, const char *const *keys,
		       size_t key_count, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r;

	r = keys_check(keys, key_count, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = arns_check(control, caller, arns, arn_count, why);
	for (size_t i = 0; r == 0 && i < arn_count; i++)
		for (size_t j = 0; r == 0 && j < key_count; j++)
			r = store_delete_tag(control->store, arns[i], keys[j], NULL);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_get_arn_tags(struct control *control, const struct caller *caller, const char *arn,
			 struct tags *ret_tags, struct refusal *why)
{
	_cleanup_(tags_fini) struct tags tags = {};
	int r;

	r = find_arn(control, caller, arn, why);
	if (r == 0)
		r = store_load_tags(control->store, arn, &tags);
	if (r != 0)
		return r;
	*ret_tags = tags;
	tags = (struct tags){};
	return 0;
}

static int arns_check(struct control *control, const struct caller *caller, const char *const *arns,
		      size_t count, struct refusal *why)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = find_arn(control, caller, arns[i], why);
	return r;
}

static int keys_check(const char *const *keys, size_t count, struct refusal *why)
{
	for (size_t i = 0; i < count; i++)
		if (tagging_reserved(keys[i]))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Tag keys starting with 'tmirror:' are reserved: '%.128s'",
				      keys[i]);
	return 0;
}
