/* The parts of a record that depend on the action: what was asked for, what it names, what was answered.  Private to record.c. */
#pragma once

#include "base/text.h"
#include "mirror/id.h"

struct action;
struct arguments;
struct service;

/* The parameters as JSON.  EC2's are in an object of the request's name, as they are written; others' begin with small
 * letters.  An element of a list has its number as "tag". */
int record_append_request(struct text *json, const struct action *action,
			  const struct service *service, const struct arguments *arguments);

/* Lines "TYPE NAME", as in "AWS::EC2::TrafficMirrorTarget tmt-0123", of what the parameters name. */
void record_append_resources(struct text *resources, const struct arguments *arguments);

/* One of these lines; nothing if neither kind nor noun is known. */
void record_append_resource(struct text *resources, enum resource_kind kind, const char *noun,
			    const char *name);

/* An answer of ours in XML as JSON, without what is secret; and a line for what was made. */
void record_append_answer(struct text *json, struct text *resources, const char *xml,
			  const struct action *action, const struct service *service);
