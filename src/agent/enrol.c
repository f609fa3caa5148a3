// SPDX-License-Identifier: Apache-2.0
/* The code is good once, so everything that can fail by itself goes first: the invitation is read whole, and the authority's
 * certificate is written where the key will be. */
#include "agent/enrol.h"

#include "agent/answer.h"
#include "agent/configuration.h"
#include "agent/invitation.h"
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"
#include "net/http_client.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define API_VERSION    "2016-11-15"
#define AUTHORITY_FILE "controller-ca.pem"

static int read_input(FILE *input, char **ret_text);
static int prepare_place(const struct configuration *configuration,
			 const struct invitation *invitation, struct credentials *credentials,
			 struct refusal *why);
static int redeem(const struct invitation *invitation, const char *host,
		  struct credentials *credentials, struct refusal *why);
static int call(const char *controller, const char *authority, const char *form,
		struct http_answer *answer, struct refusal *why);
static int take_answer(const struct http_answer *answer, struct credentials *credentials,
		       struct refusal *why);
static int keep(const struct configuration *configuration, const struct credentials *credentials,
		struct refusal *why);
static void give_away(const char *path, const char *state);

int enrol(const struct configuration *configuration, FILE *input, FILE *output, struct refusal *why)
{
	struct credentials credentials = {};
	struct invitation invitation = {};
	_cleanup_free_ char *text = NULL;
	int r;

	r = read_input(input, &text);
	if (r < 0)
		return refuse(why, 0, "cannot read the enrolment: %s", strerror(-r));
	r = invitation_parse(text, &invitation, why);
	if (r == 0 && invitation.host[0] != '\0' && configuration->host[0] != '\0' &&
	    strcmp(invitation.host, configuration->host) != 0)
		r = refuse(why, 0, "the enrolment is for the host '%s', and the settings say '%s'",
			   invitation.host, configuration->host);
	if (r == 0) {
		if (configuration->host[0] != '\0')
			memcpy(credentials.host, configuration->host, sizeof(credentials.host));
		else if (invitation.host[0] != '\0')
			memcpy(credentials.host, invitation.host, sizeof(credentials.host));
		else
			configuration_name_host(credentials.host);
		r = prepare_place(configuration, &invitation, &credentials, why);
	}
	if (r == 0)
		r = redeem(&invitation, credentials.host, &credentials, why);
	if (r == 0)
		r = keep(configuration, &credentials, why);
	if (r == 0 && fprintf(output, "tmirror-agent: the host %s is enrolled; its key is in %s\n",
			      credentials.host, configuration->credentials) < 0)
		r = -EIO;
	explicit_bzero(text, strlen(text));
	explicit_bzero(&invitation, sizeof(invitation));
	explicit_bzero(&credentials, sizeof(credentials));
	return r;
}

static int read_input(FILE *input, char **ret_text)
{
	_cleanup_free_ char *text = calloc(1, INVITATION_SIZE_MAX + 1);
	size_t size;

	if (!text)
		return -ENOMEM;
	size = fread(text, 1, INVITATION_SIZE_MAX, input);
	if (ferror(input))
		return -EIO;
	if (size == INVITATION_SIZE_MAX)
		return -EFBIG;
	*ret_text = TAKE_PTR(text);
	return 0;
}

/* The directory, and the authority in it. */
static int prepare_place(const struct configuration *configuration,
			 const struct invitation *invitation, struct credentials *credentials,
			 struct refusal *why)
{
	char directory[PATH_MAX];
	char *slash;
	int r;

	if (!string_copy(directory, sizeof(directory), configuration->credentials))
		return refuse(why, 0, "the path of the credentials is too long");
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
	else
		(void)string_copy(directory, sizeof(directory), ".");
	r = directory_make(slash == directory ? "/" : directory, 0755);
	if (r < 0)
		return refuse(why, 0, "cannot make the directory %s: %s", directory, strerror(-r));
	if (access(slash == directory ? "/" : directory, W_OK) < 0)
		return refuse(why, 0, "cannot write to the directory %s: %s", directory,
			      strerror(errno));
	if (!invitation->authority)
		return 0;
	if (snprintf(credentials->ca_bundle, sizeof(credentials->ca_bundle), "%s/%s", directory,
		     AUTHORITY_FILE) >= (int)sizeof(credentials->ca_bundle))
		return refuse(why, 0, "the path of the credentials is too long");
	r = file_replace(credentials->ca_bundle, invitation->authority,
			 strlen(invitation->authority), 0644);
	if (r < 0)
		return refuse(why, 0, "cannot write %s: %s", credentials->ca_bundle, strerror(-r));
	return 0;
}

/* Whichever controller answers has the last word. */
static int redeem(const struct invitation *invitation, const char *host,
		  struct credentials *credentials, struct refusal *why)
{
	const char *authority = credentials->ca_bundle[0] ? credentials->ca_bundle : NULL;
	_cleanup_http_answer_ struct http_answer answer = {};
	_cleanup_text_ struct text form = {}, all = {};
	int r = REFUSED;

	text_printf(&form,
		    "Action=RedeemTrafficMirrorHostEnrolment&Version=" API_VERSION
		    "&HostName=%s&EnrolmentCode=%s",
		    host, invitation->code);
	if (form.failed)
		return -ENOMEM;
	for (size_t i = 0; r == REFUSED && i < invitation->controller_count; i++) {
		http_answer_fini(&answer);
		r = call(invitation->controllers[i], authority, form.data, &answer, why);
	}
	explicit_bzero(form.data, form.length);
	if (r == 0)
		r = take_answer(&answer, credentials, why);
	if (answer.body.data)
		explicit_bzero(answer.body.data, answer.body.length);
	if (r != 0)
		return r;
	(void)string_copy(credentials->region, sizeof(credentials->region), invitation->region);
	(void)string_copy(credentials->endpoint, sizeof(credentials->endpoint),
			  invitation->controllers[0]);
	for (size_t i = 0; i < invitation->controller_count; i++)
		text_printf(&all, "%s%s", i > 0 ? "," : "", invitation->controllers[i]);
	if (all.failed)
		return -ENOMEM;
	if (invitation->controller_count > 1 &&
	    !string_copy(credentials->controllers, sizeof(credentials->controllers), all.data))
		return refuse(why, 0, "the controllers' URLs are too long");
	return 0;
}

static int call(const char *controller, const char *authority, const char *form,
		struct http_answer *answer, struct refusal *why)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
					      NULL};
	_cleanup_(http_client_freep) struct http_client *client = NULL;
	const struct http_client_options options = {
		.ca_file = authority,
		.user_agent = "tmirror-agent/" TMIRROR_VERSION,
	};
	const struct http_call request = {
		.method = "POST",
		.url = controller,
		.headers = headers,
		.body = form,
		.body_size = strlen(form),
	};
	int r = http_client_new(&options, &client);

	return r < 0 ? r : http_client_call(client, &request, answer, why);
}

static int take_answer(const struct http_answer *answer, struct credentials *credentials,
		       struct refusal *why)
{
	const char *body = answer->body.data ? answer->body.data : "";
	char code[64], said[256];

	if (answer->status != 200) {
		(void)answer_get_element(body, "Code", code, sizeof(code));
		answer_explain(body, said, sizeof(said));
		return refuse(why, 0, "the controller refuses: %s%s%s", code, code[0] ? ": " : "",
			      said);
	}
	if (!answer_get_element(body, "accessKeyId", credentials->access_key_id,
				sizeof(credentials->access_key_id)) ||
	    !answer_get_element(body, "secretAccessKey", credentials->secret_access_key,
				sizeof(credentials->secret_access_key)))
		return refuse(why, 0, "the controller's answer has no key in it");
	return 0;
}

static int keep(const struct configuration *configuration, const struct credentials *credentials,
		struct refusal *why)
{
	int r = credentials_write(configuration->credentials, credentials);

	if (r < 0)
		return refuse(why, 0,
			      "cannot write %s: %s; the enrolment is spent, and it takes another",
			      configuration->credentials, strerror(-r));
	give_away(configuration->credentials, configuration->state);
	return 0;
}

/* Where the agent runs as a user of its own, the state directory is that user's; and so must be the file that root has written. */
static void give_away(const char *path, const char *state)
{
	struct stat owner;

	if (stat(state, &owner) == 0)
		(void)!lchown(path, owner.st_uid, owner.st_gid);
}
