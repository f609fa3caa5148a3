/* What a role has that users have not: who may take it on, and for how long.  Private to control/, but for the calls that
 * identity.h declares. */
#pragma once

#include "control/identity.h"

/* Takes trust, description and longest session from a wish. */
int role_fill(const struct identity_wish *wish, struct identity *role, struct refusal *why);
