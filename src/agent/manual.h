/* What the agent's manual pages say besides its settings. */
#pragma once

#include "settings/settings.h"

#define AGENT_FILE "/etc/tmirror/tmirror-agent.conf"

extern const char *const agent_description[];
extern const char agent_example[];
extern const struct setting_note agent_signals[], agent_statuses[], agent_files[];
