// SPDX-License-Identifier: Apache-2.0
/* The controller, asked for the plan as the agent asks: does it answer, take the key, agree on the time and the plan. */
#include "base/clock.h"
#include "base/refusal.h"
#include "base/text.h"
#include "doctor/checks.h"
#include "net/http_client.h"
#include "wire/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHECK           "controller"
#define SKEW_MAX        240 /* Seconds; a signature is good for 300. */
#define SKEW_REMARKABLE 5
#define CALL_TIME       10000

static int ask(struct doctor *doctor, const char *endpoint, struct http_answer *ret_answer,
	       struct refusal *why);
static void tell_failure(struct doctor *doctor, const char *endpoint, const struct refusal *why);
static void check_clock(struct doctor *doctor, const char *date);
static void check_status(struct doctor *doctor, const struct http_answer *answer);
static void check_version(struct doctor *doctor, const char *version);
static void check_revision(struct doctor *doctor, const char *tag);

void check_controller(struct doctor *doctor)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	const char *endpoint = doctor->controller[0] != '\0' ? doctor->controller
							     : doctor->credentials.endpoint;
	struct refusal why = {};
	int r;

	if (doctor->credentials.access_key_id[0] == '\0' || endpoint[0] == '\0') {
		doctor_say(doctor, VERDICT_UNSEEN, CHECK,
			   "where it is, and with which key, is not known");
		return;
	}
	r = ask(doctor, endpoint, &answer, &why);
	if (r == REFUSED) {
		tell_failure(doctor, endpoint, &why);
		return;
	}
	if (r < 0) {
		doctor_say(doctor, VERDICT_UNSEEN, CHECK, "cannot be asked: %s",
			   strerrordesc_np(-r));
		return;
	}
	check_clock(doctor, answer.date);
	check_status(doctor, &answer);
	if (answer.status != 200)
		return;
	check_version(doctor, answer.server);
	check_revision(doctor, answer.entity_tag);
}

static int ask(struct doctor *doctor, const char *endpoint, struct http_answer *ret_answer,
	       struct refusal *why)
{
	const struct credentials *credentials = &doctor->credentials;
	const struct http_client_options options = {
		.ca_file = credentials->ca_bundle[0] != '\0' ? credentials->ca_bundle : NULL,
		.user_agent = "tmirror-doctor/" TMIRROR_VERSION,
		.connect_milliseconds = CALL_TIME,
	};
	const struct http_signer signer = {
		.access_key = credentials->access_key_id,
		.secret_key = credentials->secret_access_key,
		.session_token = credentials->session_token[0] != '\0' ? credentials->session_token
								       : NULL,
		.region = credentials->region[0] != '\0' ? credentials->region : "us-east-1",
		.service = HOST_SERVICE,
	};
	_cleanup_(http_client_freep) struct http_client *client = NULL;
	char url[CREDENTIALS_ENDPOINT_SIZE + 128];
	size_t length = strlen(endpoint);
	int r;

	while (length > 0 && endpoint[length - 1] == '/')
		length--;
	(void)snprintf(url, sizeof(url), "%.*s" HOST_PATH_PREFIX "%s/plan", (int)length, endpoint,
		       doctor->host);
	r = http_client_new(&options, &client);
	if (r < 0)
		return r;
	return http_client_call(client,
				&(const struct http_call){.method = "GET",
							  .url = url,
							  .signer = &signer,
							  .timeout_milliseconds = CALL_TIME,
							  .answer_size_max = PLAN_SIZE_MAX},
				ret_answer, why);
}

static void tell_failure(struct doctor *doctor, const char *endpoint, const struct refusal *why)
{
	doctor_say(doctor, VERDICT_PROBLEM, CHECK, "%.150s: %.200s", endpoint, why->text);
	if (why->code == HTTP_UNTRUSTED)
		doctor_mend(doctor, "scp CONTROLLER:/var/lib/tmirror/ca.pem %s",
			    doctor->credentials.ca_bundle);
	else if (why->code == HTTP_UNREACHABLE || why->code == HTTP_TIMED_OUT)
		doctor_mend(doctor, "ssh CONTROLLER systemctl start tmirror-controller");
}

static void check_clock(struct doctor *doctor, const char *date)
{
	struct tm parts = {};
	const char *end = strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	long long skew;

	if (date[0] == '\0' || !end) {
		doctor_say(doctor, VERDICT_UNSEEN, "clock", "the controller does not say its time");
		return;
	}
	skew = clock_realtime() / 1000 - (long long)timegm(&parts);
	if (skew >= -SKEW_REMARKABLE && skew <= SKEW_REMARKABLE) {
		doctor_say(doctor, VERDICT_OK, "clock", "agrees with the controller's");
		return;
	}
	doctor_say(doctor, skew < -SKEW_MAX || skew > SKEW_MAX ? VERDICT_PROBLEM : VERDICT_WARNING,
		   "clock", "is %lld seconds %s the controller's; beyond 300 no request is taken",
		   skew < 0 ? -skew : skew, skew < 0 ? "behind" : "before");
	doctor_mend(doctor, "timedatectl set-ntp true");
}

static void check_status(struct doctor *doctor, const struct http_answer *answer)
{
	if (answer->status == 200) {
		doctor_say(doctor, VERDICT_OK, CHECK, "answers, and takes the host's key");
		return;
	}
	doctor_say(doctor, VERDICT_PROBLEM, CHECK, "refuses the host '%.64s' with status %d: %.*s",
		   doctor->host, answer->status, answer->body.data ? 200 : 0,
		   answer->body.data ? answer->body.data : "");
	if (answer->status == 401 || answer->status == 403)
		doctor_mend(doctor,
			    "tmirror host-key create, and put the key into %s; then: "
			    "systemctl reload tmirror-agent",
			    doctor->credentials_file);
}

static void check_version(struct doctor *doctor, const char *version)
{
	if (strcmp(version, "tmirror/" TMIRROR_VERSION) == 0) {
		doctor_say(doctor, VERDICT_OK, "versions",
			   "the controller is " TMIRROR_VERSION ", too");
		return;
	}
	doctor_say(doctor, VERDICT_WARNING, "versions",
		   "the controller is '%.64s', and this host has " TMIRROR_VERSION, version);
	doctor_mend(doctor, "apt install tmirror-agent tmirror; on the controller: apt install "
			    "tmirror-controller");
}

/* The tag is the revision in quotation marks. */
static void check_revision(struct doctor *doctor, const char *tag)
{
	unsigned long long revision = tag[0] == '"' ? strtoull(tag + 1, NULL, 10) : 0;

	if (!doctor->plan || revision == doctor->plan->revision)
		return;
	doctor_say(doctor, VERDICT_WARNING, "plan",
		   "the saved one is revision %" PRIu64 ", and the controller has %llu",
		   doctor->plan->revision, revision);
	doctor_mend(doctor, "systemctl restart tmirror-agent");
}
