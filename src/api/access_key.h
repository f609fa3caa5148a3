/* An access key, as the API shows it. */
#pragma once

#include "api/call.h"
#include "control/credential.h"

/* With its secret, if the record has it. */
void access_key_write(struct call *call, const char *element, const struct key_record *key);
