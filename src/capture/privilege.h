/* Whether this process and this kernel can capture at all. */
#pragma once

struct refusal;

/* Returns 0, or REFUSED with what is missing and how to give it. */
int privilege_check(struct refusal *why);
