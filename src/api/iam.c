// SPDX-License-Identifier: Apache-2.0
#include "api/iam.h"

#include "sigv4/uri.h"

#include <string.h>

#define PAGE_DEFAULT 100

struct query iam_get_query(const struct call *call)
{
	struct query query = {
		.max_results = PAGE_DEFAULT,
		.next_token = call_get_text(call, "Marker"),
	};

	(void)arguments_get_number(&call->arguments, "MaxItems", &query.max_results);
	return query;
}

void iam_write_page_end(struct call *call, const char *next)
{
	xml_boolean(call->xml, "IsTruncated", next != NULL);
	xml_text_if_set(call->xml, "Marker", next);
}

void iam_write_document(struct call *call, const char *element, const char *document)
{
	xml_open(call->xml, element);
	uri_append_encoded(call->xml, document, strlen(document), "");
	xml_close(call->xml, element);
}

int iam_list_nothing(struct call *call, const char *element)
{
	xml_open(call->xml, element);
	xml_close(call->xml, element);
	iam_write_page_end(call, NULL);
	return 0;
}
