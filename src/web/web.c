// SPDX-License-Identifier: Apache-2.0
/* A path below the console's root that is no file is a place within the console, and gets its page: the page itself knows
 * where it was called.  Only names that the build made up (assets/) are either there or nowhere. */
#include "web/web.h"

#include "base/count.h"
#include "web/negotiate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ROOT       "/console/"
#define PAGE       "index.html"
#define ASSETS     "assets/"
#define WITHOUT    "This controller was built without the web console.\n"
#define STAY       "public, max-age=31536000, immutable"
#define REVALIDATE "no-cache"

static size_t limit_body(void *context, const struct http_request *request);
static int handle(void *context, const struct http_request *request, struct http_reply *reply);
static bool is_ours(const struct http_request *request);
static bool is_browser_at_root(const struct http_request *request);
static void answer(const struct web *web, const struct http_request *request,
		   struct http_reply *reply);
static const struct web_file *find_file(const struct web_files *files, const char *path);
static int compare_path(const void *path, const void *file);
static void answer_file(const struct web_file *file, const struct http_request *request,
			struct http_reply *reply);
static void answer_place(const char *place, struct http_reply *reply);
static void answer_words(unsigned int status, const char *words, struct http_reply *reply);
static void add_safeguards(const struct web *web, const struct http_request *request,
			   struct http_reply *reply);
static bool is_shared_name(const char *host);

/* Whatever the page might be talked into: no code, no style and no connection but its own, and in nobody's frame. */
static const struct http_header safeguards[] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	 "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; "
	 "base-uri 'none'; form-action 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Permissions-Policy",
	 "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
};

/* Browsers heed these where they can trust the address, and complain elsewhere. */
static const struct http_header encrypted_safeguards[] = {
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

struct http_handler web_get_handler(struct web *web)
{
	return (struct http_handler){web, limit_body, handle};
}

static size_t limit_body(void *context, const struct http_request *request)
{
	struct web *web = context;

	return is_ours(request) ? 0 : web->next.body_limit(web->next.context, request);
}

static int handle(void *context, const struct http_request *request, struct http_reply *reply)
{
	struct web *web = context;

	if (!is_ours(request))
		return web->next.handle(web->next.context, request, reply);
	answer(web, request, reply);
	add_safeguards(web, request, reply);
	return reply->body.failed ? -ENOMEM : 0;
}

static bool is_ours(const struct http_request *request)
{
	const size_t length = strlen(ROOT) - 1;

	if (strncmp(request->path, ROOT, length) == 0 &&
	    (request->path[length] == '/' || request->path[length] == '\0'))
		return true;
	return is_browser_at_root(request);
}

/* Clients of the API have something to say: a query, a body or a signature. */
static bool is_browser_at_root(const struct http_request *request)
{
	const char *accepted = http_request_get_header(request, "accept");

	return strcmp(request->path, "/") == 0 && *request->query == '\0' &&
	       (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) &&
	       accepted && strstr(accepted, "text/html") &&
	       !http_request_get_header(request, "authorization");
}

static void answer(const struct web *web, const struct http_request *request,
		   struct http_reply *reply)
{
	const struct web_file *file;
	const char *path;

	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
		http_reply_add_header(reply, "Allow", "GET, HEAD");
		answer_words(405, "The console is only read.\n", reply);
		return;
	}
	if (strncmp(request->path, ROOT, strlen(ROOT)) != 0) {
		answer_place(ROOT, reply);
		return;
	}
	path = request->path + strlen(ROOT);
	file = find_file(web->files, *path ? path : PAGE);
	if (!file && strncmp(path, ASSETS, strlen(ASSETS)) != 0)
		file = find_file(web->files, PAGE);
	if (file)
		answer_file(file, request, reply);
	else
		answer_words(404, web->files->count == 0 ? WITHOUT : "There is no such file.\n",
			     reply);
}

static const struct web_file *find_file(const struct web_files *files, const char *path)
{
	if (files->count == 0)
		return NULL;
	return bsearch(path, files->items, files->count, sizeof(*files->items), compare_path);
}

static int compare_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct web_file *)file)->path);
}

static void answer_file(const struct web_file *file, const struct http_request *request,
			struct http_reply *reply)
{
	const char *accepted = http_request_get_header(request, "accept-encoding");
	const enum web_coding coding = web_choose_coding(file, accepted);
	char tag[WEB_TAG_SIZE];

	web_format_tag(file, coding, tag);
	http_reply_add_header(reply, "ETag", tag);
	http_reply_add_header(reply, "Vary", "Accept-Encoding");
	http_reply_add_header(reply, "Cache-Control", file->immutable ? STAY : REVALIDATE);
	reply->status = 304;
	if (web_tag_is_known(http_request_get_header(request, "if-none-match"), tag))
		return;
	reply->status = 200;
	http_reply_add_header(reply, "Content-Type", file->type);
	if (coding != WEB_IDENTITY)
		http_reply_add_header(reply, "Content-Encoding", web_coding_name(coding));
	reply->constant = file->bodies[coding].data;
	reply->constant_size = file->bodies[coding].size;
}

static void answer_place(const char *place, struct http_reply *reply)
{
	reply->status = 302;
	http_reply_add_header(reply, "Location", place);
	http_reply_add_header(reply, "Cache-Control", REVALIDATE);
	http_reply_add_header(reply, "Vary", "Accept");
}

static void answer_words(unsigned int status, const char *words, struct http_reply *reply)
{
	reply->status = status;
	http_reply_add_header(reply, "Content-Type", "text/plain; charset=utf-8");
	http_reply_add_header(reply, "Cache-Control", REVALIDATE);
	text_append(&reply->body, words);
}

static void add_safeguards(const struct web *web, const struct http_request *request,
			   struct http_reply *reply)
{
	for (size_t i = 0; i < ARRAY_SIZE(safeguards); i++)
		http_reply_add_header(reply, safeguards[i].name, safeguards[i].value);
	if (!web->encrypted)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(encrypted_safeguards); i++)
		http_reply_add_header(reply, encrypted_safeguards[i].name,
				      encrypted_safeguards[i].value);
	if (!is_shared_name(http_request_get_header(request, "host")))
		http_reply_add_header(reply, "Strict-Transport-Security", "max-age=31536000");
}

/* A browser keeps to TLS by name and for every port; "localhost" is the name of others' servers, too. */
static bool is_shared_name(const char *host)
{
	const size_t length = strlen("localhost");

	return host && strncasecmp(host, "localhost", length) == 0 &&
	       (host[length] == ':' || host[length] == '\0');
}
