// SPDX-License-Identifier: Apache-2.0
/* Requests signed by somebody else: each stage must come out as the other's, and the signature be taken.  The cases
 * are folders (see make_signing_cases.py). */
#include "base/cleanup.h"
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sigv4/sigv4.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX   32
#define CASE_SIZE_MAX (1 << 20)

/* One folder, read. */
struct scene {
	const char *folder;
	char *raw; /* The request; cut into pieces in place. */
	char *context, *canonical_request, *string_to_sign, *signature;
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_request request;
	const char *access_key_id, *secret;
	int64_t now;
};

static void scene_fini(struct scene *scene)
{
	free(scene->raw);
	free(scene->context);
	free(scene->canonical_request);
	free(scene->string_to_sign);
	free(scene->signature);
}

static char *cut(char **rest, const char *end)
{
	char *piece = *rest, *found = strstr(piece, end);

	if (!found)
		return NULL;
	*found = '\0';
	*rest = found + strlen(end);
	return piece;
}

static bool parse_request(struct scene *scene, size_t size)
{
	struct sigv4_request *request = &scene->request;
	char *rest = scene->raw, *line = cut(&rest, "\n"), *target;

	request->method = line ? cut(&line, " ") : NULL;
	target = request->method ? cut(&line, " ") : NULL;
	if (!target)
		return false;
	request->path = strsep(&target, "?");
	request->query = target ? target : "";
	while ((line = cut(&rest, "\n")) && *line != '\0') {
		if (request->header_count == HEADERS_MAX)
			return false;
		scene->headers[request->header_count].name = cut(&line, ": ");
		scene->headers[request->header_count++].value = line;
	}
	request->headers = scene->headers;
	request->body = rest;
	request->body_size = size - (size_t)(rest - scene->raw);
	return line != NULL;
}

static bool scene_read(struct scene *scene)
{
	const struct {
		const char *name;
		char **content;
	} files[] = {
		{"context", &scene->context},
		{"canonical-request", &scene->canonical_request},
		{"string-to-sign", &scene->string_to_sign},
		{"signature", &scene->signature},
		{"request", &scene->raw},
	};
	char path[PATH_MAX], *rest;
	size_t size = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", scene->folder, files[i].name) >=
			    (int)sizeof(path) ||
		    file_read(path, CASE_SIZE_MAX, files[i].content, &size) < 0)
			return false;
	}
	rest = scene->context;
	scene->access_key_id = cut(&rest, "\n");
	scene->secret = cut(&rest, "\n");
	scene->now = strtoll(rest, NULL, 10);
	return parse_request(scene, size);
}

static bool same(const char *what, const char *ours, const char *theirs)
{
	if (strcmp(ours, theirs) == 0)
		return true;
	printf("%s differs\n--- ours\n%s\n--- theirs\n%s\n", what, ours, theirs);
	return false;
}

static bool scene_check(const struct scene *scene)
{
	_cleanup_text_ struct text canonical = {}, string_to_sign = {};
	struct sigv4_authorization authorization;
	char signature[SIGV4_SIGNATURE_SIZE];
	struct refusal why = {};

	if (sigv4_parse(&scene->request, &authorization, &why) != 0) {
		printf("not parsed: %s\n", why.text);
		return false;
	}
	if (!sigv4_append_canonical_request(&canonical, &scene->request, &authorization) ||
	    !same("canonical request", canonical.data, scene->canonical_request))
		return false;
	sigv4_append_string_to_sign(&string_to_sign, canonical.data, &authorization);
	sigv4_signature(string_to_sign.data, &authorization, scene->secret, signature);
	if (!same("string to sign", string_to_sign.data, scene->string_to_sign) ||
	    !same("signature", signature, scene->signature) ||
	    !same("access key", authorization.access_key_id, scene->access_key_id))
		return false;
	if (sigv4_verify(&scene->request, &authorization, scene->secret, scene->now, &why) != 0) {
		printf("not verified: %s\n", why.text);
		return false;
	}
	/* The same request is nothing to anybody else, or later. */
	return sigv4_verify(&scene->request, &authorization, "other", scene->now, &why) ==
		       REFUSED &&
	       why.code == SIGV4_MISMATCH &&
	       sigv4_verify(&scene->request, &authorization, scene->secret, scene->now + 1000000,
			    &why) == REFUSED &&
	       why.code == SIGV4_EXPIRED;
}

int main(int argc, char **argv)
{
	unsigned int passed = 0, failed = 0;
	struct dirent **entries;
	int count;

	if (argc != 2 || (count = scandir(argv[1], &entries, NULL, alphasort)) < 0) {
		(void)fprintf(stderr, "usage: signing_test DIRECTORY\n");
		return EXIT_FAILURE;
	}
	for (int i = 0; i < count; i++) {
		_cleanup_(scene_fini) struct scene scene = {};
		char folder[PATH_MAX];

		(void)snprintf(folder, sizeof(folder), "%s/%s", argv[1], entries[i]->d_name);
		scene.folder = folder;
		if (entries[i]->d_name[0] != '.') {
			bool good = scene_read(&scene) && scene_check(&scene);

			printf("%s %s\n", good ? "ok    " : "FAILED", entries[i]->d_name);
			passed += good;
			failed += !good;
		}
		free(entries[i]);
	}
	free(entries);
	printf("%u passed, %u failed\n", passed, failed);
	return passed > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
