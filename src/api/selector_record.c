// SPDX-License-Identifier: Apache-2.0
#include "api/selector_record.h"

#include "api/json.h"
#include "api/record_part.h"
#include "base/clock.h"
#include "control/event.h"
#include "control/selector.h"

#include <errno.h>
#include <string.h>

#define SERVICE "ec2.amazonaws.com"

/* The names of the actions by which somebody would have done the same. */
static const char *const names[] = {
	[SELECTOR_MAKES] = "CreateTrafficMirrorSession",
	[SELECTOR_CHANGES] = "ModifyTrafficMirrorSession",
	[SELECTOR_ENDS] = "DeleteTrafficMirrorSession",
};

static void write_record(struct text *json, const struct selector_act *act, const char *region,
			 const struct event *event, int64_t now);

int selector_record_make(const struct selector_act *act, const char *region, int64_t now,
			 struct event *ret_event)
{
	_cleanup_event_ struct event event = {.account = act->owner};
	_cleanup_text_ struct text resources = {}, json = {};

	random_uuid(event.id);
	(void)string_copy(event.name, sizeof(event.name), names[act->verb]);
	(void)string_copy(event.source, sizeof(event.source), SERVICE);
	record_append_resource(&resources, RESOURCE_SESSION, NULL, act->session.text);
	record_append_resource(&resources, RESOURCE_INTERFACE, NULL, act->source.text);
	record_append_resource(&resources, RESOURCE_SELECTOR, NULL, act->selector.text);
	write_record(&json, act, region, &event, now);
	event.resources = text_steal(&resources);
	event.record = text_steal(&json);
	if (!event.resources || !event.record)
		return -ENOMEM;
	*ret_event = event;
	event = (struct event){};
	return 0;
}

static void write_record(struct text *json, const struct selector_act *act, const char *region,
			 const struct event *event, int64_t now)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(now, time);
	memcpy(strchr(time, '.'), "Z", 2); /* CloudTrail tells whole seconds. */
	json_open(json, NULL, '{');
	json_text(json, "eventVersion", "1.08");
	json_open(json, "userIdentity", '{');
	json_text(json, "type", "AWSService");
	json_text(json, "accountId", act->owner.text);
	json_text(json, "invokedBy", SERVICE);
	json_close(json, '}');
	json_text(json, "eventTime", time);
	json_text(json, "eventSource", SERVICE);
	json_text(json, "eventName", event->name);
	json_text(json, "awsRegion", region);
	json_text(json, "sourceIPAddress", SERVICE);
	json_text(json, "userAgent", SERVICE);
	json_raw(json, "requestParameters", NULL);
	json_raw(json, "responseElements", NULL);
	json_open(json, "serviceEventDetails", '{');
	json_text(json, "trafficMirrorSelectorId", act->selector.text);
	json_text(json, "trafficMirrorSessionId", act->session.text);
	json_text(json, "networkInterfaceId", act->source.text);
	json_close(json, '}');
	json_text(json, "eventID", event->id);
	json_boolean(json, "readOnly", false);
	json_text(json, "eventType", "AwsServiceEvent");
	json_boolean(json, "managementEvent", true);
	json_text(json, "recipientAccountId", act->owner.text);
	json_text(json, "eventCategory", "Management");
	json_close(json, '}');
}
