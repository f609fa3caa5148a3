// SPDX-License-Identifier: Apache-2.0
#include "control/allowance.h"

#include "control/state.h"
#include "store/quota.h"
#include "store/store.h"

int allowance_get(struct control *control, const char *account, enum quota quota,
		  uint32_t *ret_number)
{
	int64_t own;
	int r = store_get_quota(control->store, account, quota_name(quota), &own);

	if (r < 0)
		return r;
	*ret_number = r == STORE_MISSING ? limits_get(&control->limits, quota) : (uint32_t)own;
	return 0;
}
