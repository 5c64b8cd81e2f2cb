// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * parse FILE		what a file in saved form means, in canonical form
 * parse --lines FILE	likewise each of its lines by itself
 * parse -- ARG...	likewise a command line
 *
 * Errors are shown instead, all on stdout, and the exit status is 2.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "parser/command.h"
#include "kmod/core/names.h"
#include "parser/print.h"

static void line_print(struct fw_text *t)
{
	fwrite(t->buf, 1, t->len, stdout);
	putchar('\n');
}

static void check_print(const struct check *c)
{
	const struct fw_packet *p = &c->pkt;

	printf("check proto %u %08x:%u -> %08x:%u len %u flags %#x state %u type %u via "
	       "%.16s "
	       "%08x\n",
	       p->proto, p->saddr, p->sport, p->daddr, p->dport, p->len, p->tcpflags,
	       p->state, c->icmp_type, c->dev.name, c->dev.addr);
}

static void command_print(const struct program *p, const struct command *c)
{
	static const char *const kinds[] = {
		[COMMAND_HELP] = "help",
		[COMMAND_LIST] = "list",
		[COMMAND_MASQ_LIST] = "masquerading list",
	};
	char buf[PRINT_RULE_MAX];
	struct fw_text t;

	if (c->kind == COMMAND_INTERFACE) {
		fw_text_init(&t, buf, sizeof(buf));
		print_interface(&t, &c->dev);
		line_print(&t);
	} else if (c->kind < FW_COUNT(kinds) && kinds[c->kind]) {
		printf("%s %c%s%s%s%s%s\n", kinds[c->kind], fw_list_letter(c->list),
		       c->zero ? " zero" : "", c->extended ? " extended" : "",
		       c->numeric ? " numeric" : "", c->verbose ? " verbose" : "",
		       c->exact ? " exact" : "");
	}
	for (unsigned int i = 0; i < c->nedits; i++) {
		fw_text_init(&t, buf, sizeof(buf));
		print_edit(&t, &p->edit[c->first_edit + i]);
		line_print(&t);
	}
	for (unsigned int i = 0; i < c->nchecks; i++)
		check_print(&p->check[c->first_check + i]);
}

/* the program or its errors; takes both */
static int result_print(struct program *p, struct diags *d, int err)
{
	if (err) {
		diags_print(stdout, d, false);
		diags_free(d);
		return 2;
	}
	for (unsigned int i = 0; i < p->ncommands; i++)
		command_print(p, &p->command[i]);
	program_free(p);
	diags_free(d);
	return 0;
}

static int text_parse(const char *name, const char *text, size_t len)
{
	struct diags d;
	struct source source = { name, text, len };
	struct program p;

	return result_print(&p, &d, program_parse_text(&p, &source, &d));
}

static int argv_parse(int argc, char **argv)
{
	struct diags d;
	struct source source;
	struct program p;
	int status =
		result_print(&p, &d, program_parse_argv(&p, argc, argv, &source, &d));

	source_free(&source);
	return status;
}

/* malloc'ed, with a NUL behind it */
static char *file_read(const char *path, size_t *len)
{
	FILE *in = fopen(path, "rb");
	size_t room = 1 << 16, n;
	char *text = malloc(room);

	*len = 0;
	if (!in || !text) {
		perror(path);
		exit(1);
	}
	while ((n = fread(text + *len, 1, room - *len - 1, in))) {
		*len += n;
		if (room - *len < room / 4) {
			char *more = realloc(text, room * 2);

			if (!more)
				exit(1);
			text = more;
			room *= 2;
		}
	}
	fclose(in);
	text[*len] = '\0';
	return text;
}

static int file_parse(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len;
	char *text = file_read(path, &len);
	int status = text_parse(slash ? slash + 1 : path, text, len);

	free(text);
	return status;
}

static int lines_parse(const char *path)
{
	size_t len;
	char *text = file_read(path, &len), *line, *rest = text;
	int status = 0;

	while ((line = strsep(&rest, "\n")) && rest)
		status |= text_parse("line", line, strlen(line));
	free(text);
	return status;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	if (argc >= 2 && strcmp(argv[1], "--") == 0)
		return argv_parse(argc - 1, argv + 1);
	if (argc == 3 && strcmp(argv[1], "--lines") == 0)
		return lines_parse(argv[2]);
	if (argc == 2)
		return file_parse(argv[1]);
	fputs("usage: parse FILE | parse --lines FILE | parse -- ARG...\n", stderr);
	return 1;
}
