/* Elements of a response as JSON, spelled as the AWS CLI spells them: "trafficMirrorSessionId" is
 * "TrafficMirrorSessionId", "networkServiceSet" the list "NetworkServices"; numbers and truth values are such. */
#pragma once

#include <jansson.h>

struct tmirror_node;

/* A new reference, or NULL without memory. */
json_t *json_from_node(const struct tmirror_node *node);
