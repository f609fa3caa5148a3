// SPDX-License-Identifier: Apache-2.0
#include "cli/document.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENT_SIZE_MAX (128 << 10)

static int hexadecimal_value(char digit);

int document_read(struct invocation *invocation, const char *path, char **ret_document)
{
	int r = file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, DOCUMENT_SIZE_MAX,
			  ret_document, NULL);

	if (r == 0)
		return 0;
	(void)refuse(&invocation->misuse, 0, "cannot read '%s': %s", path, strerrordesc_np(-r));
	return COMMAND_FAILED;
}

int document_print(const char *escaped)
{
	_cleanup_text_ struct text document = {};

	for (const char *c = escaped; *c != '\0'; c++) {
		int high = *c == '%' ? hexadecimal_value(c[1]) : -1;
		int low = high >= 0 ? hexadecimal_value(c[2]) : -1;
		char plain = *c;

		if (low >= 0) {
			plain = (char)(high << 4 | low);
			c += 2;
		}
		text_append_char(&document, plain);
	}
	if (document.failed)
		return -ENOMEM;
	return puts(document.data ? document.data : "") < 0 ? -EIO : 0;
}

static int hexadecimal_value(char digit)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *place = digit != '\0' ? strchr(digits, digit) : NULL;

	return place ? (int)(place - digits) : -1;
}
