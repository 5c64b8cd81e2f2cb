// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-text.c - any bytes as a file in saved form.  What is accepted must be
 * printed and read back as the same; what is not must be told.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_names.h"
#include "tests/lib/edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags d;
	static FILE *null;
	struct source source = { .name = "fuzz", .len = size };
	struct program p;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	source.text = text;
	if (!null)
		null = fopen("/dev/null", "w");
	if (program_parse_text(&p, &source, &d)) {
		if (!d.count || p.ncommands)
			abort();
		diags_print(null, &d, size & 1);
	} else {
		if (d.count || !program_inverse(&p))
			abort();
		program_free(&p);
	}
	diags_free(&d);
	free(text);
	return 0;
}
