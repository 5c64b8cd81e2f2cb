// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-argv.c - any words as a command line, a NUL between them.  There is one
 * error or none; what is accepted must be printed and read back as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_names.h"
#include "tests/lib/edits.h"

#define WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* files cannot hold such a name, so it is not read back */
static bool name_odd(const struct program *p)
{
	for (unsigned int i = 0; i < p->nedits; i++) {
		const struct fw_edit *e = &p->edit[i];

		if (e->op > FW_OP_DELETE)
			continue;
		for (unsigned int k = 0; k < FW_IFNAMSIZ && e->rule.vianame[k]; k++)
			if ((unsigned char)e->rule.vianame[k] < ' ' ||
			    e->rule.vianame[k] == 0x7f)
				return true;
	}
	return false;
}

static int words_split(char *text, size_t size, char *argv[WORDS + 1])
{
	int argc = 1;

	argv[0] = "ipfwadm";
	for (char *s = text; s < text + size && argc < WORDS; s += strlen(s) + 1)
		argv[argc++] = s;
	argv[argc] = NULL;
	return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags d;
	static FILE *null;
	char *argv[WORDS + 1], *text = malloc(size + 1);
	struct source source;
	struct program p;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!null)
		null = fopen("/dev/null", "w");
	if (program_parse_argv(&p, words_split(text, size, argv), argv, &source, &d)) {
		if (d.count != 1 || p.ncommands)
			abort();
		diags_print(null, &d, size & 1);
	} else {
		if (d.count || p.ncommands != 1 ||
		    (!name_odd(&p) && !program_inverse(&p)))
			abort();
		program_free(&p);
	}
	diags_free(&d);
	source_free(&source);
	free(text);
	return 0;
}
