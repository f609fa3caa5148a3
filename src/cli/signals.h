/* For commands that go on until somebody ends them. */
#pragma once

/* A descriptor that is readable once SIGINT or SIGTERM has come, which then end nothing by themselves; and whoever reads what we write
 * may go away, which is seen as -EPIPE.  Returns it, or a fault. */
int signals_open(void);
