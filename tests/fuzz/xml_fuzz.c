// SPDX-License-Identifier: Apache-2.0
/* Whatever a text holds, another parser reads the element around it, and reads the text if it was presentable. */
#include "api/xml.h"
#include "base/cleanup.h"
#include "fuzz.h"
#include "mirror/tag.h"

#include <expat.h>
#include <string.h>

static void XMLCALL text_take(void *context, const char *piece, int size)
{
	text_append_bytes(context, piece, (size_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *value = strndup((const char *)data, size);
	_cleanup_text_ struct text xml = {}, back = {};
	XML_Parser parser = XML_ParserCreate("UTF-8");

	require(value && parser);
	xml_text(&xml, "value", value);
	require(!xml.failed);
	XML_SetUserData(parser, &back);
	XML_SetCharacterDataHandler(parser, text_take);
	require(XML_Parse(parser, xml.data, (int)xml.length, 1) == XML_STATUS_OK);
	XML_ParserFree(parser);
	text_append(&back, "");
	if (text_is_presentable(value, size))
		require(strcmp(back.data, value) == 0);
	return 0;
}
