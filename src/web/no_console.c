// SPDX-License-Identifier: Apache-2.0
/* What stands in the place of the console's files where the build leaves them out. */
#include "web/file.h"

const struct web_files web_console_files = {0};
