/* Private to control/. */
#pragma once

#include "control/selector.h"

/* Adds tags, state and numbers to a record that has its selector. */
int selector_record_complete(struct control *control, struct selector_record *record);
