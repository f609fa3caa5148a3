/* Network interfaces appear both by themselves and within their instance. */
#pragma once

struct call;
struct source;
struct tags;

/* What both places tell of an interface, without its tags. */
void source_write(struct call *call, const struct source *source);
