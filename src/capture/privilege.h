/* Whether this process and this kernel can capture at all. */
#pragma once

struct refusal;

/* Returns 0, or REFUSED with what is missing and how to give it. */
int privilege_check(struct refusal *why);

/* What to make of a fault in loading the program: REFUSED if a capability that some kernels can do without would have
 * prevented it, else the fault. */
int privilege_explain(int fault, struct refusal *why);
