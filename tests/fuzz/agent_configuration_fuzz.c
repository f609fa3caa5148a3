// SPDX-License-Identifier: Apache-2.0
/* A command line of the agent is refused with a reason, or names a host that the API can show, or none. */
#include "agent/configuration.h"

#include "base/refusal.h"
#include "fuzz.h"
#include "mirror/source.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_words_ struct words words;
	_cleanup_configuration_ struct configuration configuration;
	struct refusal why = {};
	int r;

	words_cut(&words, data, size);
	r = configuration_parse(words.count, words.items, &configuration, &why);
	require(r == 0 || (r == REFUSED && why.text[0] != '\0'));
	if (r == 0 && configuration.host[0] != '\0')
		require(host_name_valid(configuration.host));
	return 0;
}
