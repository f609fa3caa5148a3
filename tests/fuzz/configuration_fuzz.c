// SPDX-License-Identifier: Apache-2.0
/* A command line of the controller is refused with a reason, or means something that can be done. */
#include "controller/configuration.h"

#include "base/refusal.h"
#include "fuzz.h"
#include "words.h"

static void configuration_walk(const struct configuration *configuration)
{
	char location[STORE_LOCATION_SIZE];

	configuration_get_store(configuration, location);
	require(strncmp(location, "sqlite:", 7) == 0 || strcmp(location, "memory") == 0 ||
		strlen(location) == sizeof(location) - 1);
	require((configuration->job == JOB_SERVE) == (configuration->word_count == 0));
	require(configuration->listen.family == 4 || configuration->listen.family == 6);
	require(!configuration->plain_http || address_is_loopback(&configuration->listen));
	require(configuration->account.text[0] == '\0' ||
		strlen(configuration->account.text) == 12);
	require(configuration->name_count <= CONFIGURATION_NAMES_MAX);
	require(configuration->resolver_count >= 1);
	require(configuration->resolver_count <= CONFIGURATION_RESOLVERS_MAX);
	require(configuration->limits.rules_per_filter <= FILTER_RULES_MAX);
	require(configuration->limits.sessions_per_source <= SOURCE_SESSIONS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_words_ struct words words;
	_cleanup_configuration_ struct configuration configuration;
	struct refusal why = {};
	int r;

	words_cut(&words, data, size);
	r = configuration_parse(words.count, words.items, &configuration, &why);
	require(r == 0 || (r == REFUSED && why.text[0] != '\0'));
	if (r == 0)
		configuration_walk(&configuration);
	return 0;
}
