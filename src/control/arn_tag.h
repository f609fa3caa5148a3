/* What requests about the tags of load balancing's objects mean.  All or nothing over the ARNs of a call. */
#pragma once

#include "control/control.h"

/* Sets or overwrites. */
int control_tag_arns(struct control *control, const struct caller *caller, const char *const *arns,
		     size_t arn_count, const struct tag *tags, size_t tag_count,
		     struct refusal *why);

/* Keys that are not there are no error. */
int control_untag_arns(struct control *control, const struct caller *caller,
		       const char *const *arns, size_t arn_count, const char *const *keys,
		       size_t key_count, struct refusal *why);

/* Those of one.  'ret_tags' starts empty. */
int control_get_arn_tags(struct control *control, const struct caller *caller, const char *arn,
			 struct tags *ret_tags, struct refusal *why);
