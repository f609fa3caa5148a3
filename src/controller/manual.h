/* What the controller's manual pages say besides its settings. */
#pragma once

#include "settings/settings.h"

#define CONTROLLER_FILE "/etc/tmirror/tmirror-controller.conf"

extern const char *const controller_description[];
extern const char controller_example[];
extern const struct setting_note controller_signals[], controller_statuses[], controller_files[];
