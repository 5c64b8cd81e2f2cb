// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * complete.c - candidates for the last of some arguments, for completion in shells.
 *
 * One a line, with a tab and what it is about; a line that is only a tab says that files
 * are candidates, too.  They come from the table of options and from the usage lines of
 * subcommands, so that a shell's script knows nothing.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/choose.h"
#include "backend/interfaces.h"
#include "ipfwadm/command/subcommands.h"
#include "parser/command.h"
#include "parser/expect.h"

/* a word of a usage line or of its details */
struct usage_word {
	const char *text;
	size_t length;		/* 0: none */
};

/* prints what begins with word; fixed bytes of it are before each candidate */
struct printer {
	struct candidates candidates;
	const struct app *app;
	const char *word;
	size_t fixed;
	struct usage_word value;	/* of an option that has been looked for */
	bool files;		/* they are candidates */
};

static void candidate_add(struct candidates *c, const char *word, const char *about)
{
	struct printer *p = (struct printer *)c;
	size_t fixed = p->fixed + c->fixed;

	if (strncmp(word, p->word + fixed, strlen(p->word + fixed)) == 0)
		printf("%.*s%s%s%s\n", (int)fixed, p->word, word, about && *about ? "\t" : "",
		       about ? about : "");
}

static void subcommands_add(struct printer *p)
{
	for (const struct app_subcommand *s = p->app->subcommands; s->name; s++)
		if (s->summary)
			candidate_add(&p->candidates, s->name, s->summary);
}

static void backends_add(struct printer *p)
{
	for (const struct backend_info *info = backends; info->name; info++)
		candidate_add(&p->candidates, info->name, info->summary);
	candidate_add(&p->candidates, "sim:", "a simulated kernel, in this file");
}

static void interfaces_add(struct printer *p)
{
	struct fw_interfaces ifs = { 0 };
	char name[FW_IFNAMSIZ + 1] = "";

	if (interfaces_system(&ifs, NULL) == 0)
		for (__u32 i = 0; i < ifs.count; i++) {
			memcpy(name, ifs.dev[i].name, FW_IFNAMSIZ);
			candidate_add(&p->candidates, name, "");
		}
	free(ifs.dev);
}

static bool usage_is(const struct usage_word *w, const char *text)
{
	return strlen(text) == w->length && memcmp(w->text, text, w->length) == 0;
}

/* "iptables|nft|json": each of these words */
static void alternatives_add(struct printer *p, const struct usage_word *w)
{
	char *copy = w->length ? strndup(w->text, w->length) : NULL, *rest;

	for (char *word = copy ? strtok_r(copy, "|", &rest) : NULL; word;
	     word = strtok_r(NULL, "|", &rest))
		if (islower((unsigned char)*word))
			candidate_add(&p->candidates, word, "");
	free(copy);
}

/*
 * The n-th operand of a usage line, counted from 0; the last one may be repeated.  Options
 * are in brackets there, with what they take.
 */
static struct usage_word operand_find(const char *usage, unsigned int n)
{
	struct usage_word w = { .length = 0 }, last = { .length = 0 };

	for (const char *at = usage; *at; at = w.text + w.length) {
		w.text = at + strspn(at, " []");
		w.length = strcspn(w.text, *w.text == '-' ? "]" : " []");
		if (!w.length)
			break;
		if (w.text[0] == '-' || usage_is(&w, "..."))
			continue;
		last = w;
		if (!n--)
			return w;
	}
	if (last.length < 4 || memcmp(last.text + last.length - 3, "...", 3) != 0)
		last.length = 0;
	return last;
}

/* an option of a subcommand */
struct detail {
	struct usage_word option, value;
	char about[80];
};

/*
 * Calls each for the options of the details, until it returns true.  A line there begins
 * with "  -n, --name VALUE", and what it is about follows on it or on the next one.
 */
static bool details_walk(const char *details, struct printer *p,
			 bool (*each)(struct printer *p, const struct detail *d, const void *arg),
			 const void *arg)
{
	struct detail option[8];
	const char *line, *at, *about;
	unsigned int n, i;

	for (line = details; *line; line = strchrnul(line, '\n'), line += *line != '\0') {
		if (strncmp(line, "  -", 3) != 0)
			continue;
		for (n = 0, at = line + 2; n < FW_COUNT(option); at += *at == ' ') {
			struct usage_word w = { at, strcspn(at, " ,\n") };

			if (*at == '-')
				option[n++] = (struct detail){ .option = w };
			else if (n && isupper((unsigned char)*at) && !option[n - 1].value.length)
				option[n - 1].value = w;
			else if (*at != '[')
				break;
			at += w.length + (w.text[w.length] == ',');
		}
		about = at + strspn(at, " \n");
		for (i = 0; i < n; i++) {
			snprintf(option[i].about, sizeof(option[i].about), "%.*s",
				 (int)strcspn(about, "\n"), about);
			if (each(p, &option[i], arg))
				return true;
		}
	}
	return false;
}

static bool option_add(struct printer *p, const struct detail *d, const void *arg)
{
	char name[40];

	(void)arg;
	snprintf(name, sizeof(name), "%.*s", (int)d->option.length, d->option.text);
	candidate_add(&p->candidates, name, d->about);
	return false;
}

/* What stands for w in a usage line. */
static void meaning_add(struct printer *p, const struct usage_word *w)
{
	static const char *const files[] = {
		"FILE", "SCRIPT", "ARG...", "COMMAND", "COMMAND...", "A", "B",
	};
	static const char errors[] = "unreachable|source-quench|time-exceeded";
	static const char levels[] = "verdict|packet|log|counters";
	struct usage_word words = *w;

	if (usage_is(w, "FORMAT")) {
		words = operand_find(app_subcommand_find(p->app, "dump")->arguments, 0);
	} else if (usage_is(w, "LEVEL")) {
		words = (struct usage_word){ levels, strlen(levels) };
	} else if (usage_is(w, "TYPE[/CODE]")) {
		words = (struct usage_word){ errors, strlen(errors) };
	} else if (usage_is(w, "NAME")) {
		interfaces_add(p);
	} else if (usage_is(w, "SUBCOMMAND")) {
		subcommands_add(p);
	}
	alternatives_add(p, &words);
	if (usage_is(w, "A") || usage_is(w, "B")) {
		candidate_add(&p->candidates, "live", "the rules in force");
		backends_add(p);
	}
	for (unsigned int i = 0; i < FW_COUNT(files); i++)
		if (usage_is(w, files[i]))
			p->files = true;
}

static bool value_of(struct printer *p, const struct detail *d, const void *arg)
{
	if (!usage_is(&d->option, arg))
		return false;
	p->value = d->value;
	return true;
}

/*
 * Is it an option of these details?  Sets p->value to what it takes; the length is 0 if
 * that is nothing.
 */
static bool option_find(struct printer *p, const char *details, const char *option)
{
	p->value.length = 0;
	return option[0] == '-' && details_walk(details, p, value_of, option);
}

/* argv: from the name of the subcommand on */
static void subcommand_add(struct printer *p, const struct app_subcommand *s, int argc,
			   char **argv)
{
	unsigned int operands = 0;
	struct usage_word operand;

	for (int i = 1; i < argc - 1; i++) {
		option_find(p, s->details, argv[i]);
		if (p->value.length && i + 2 == argc) {
			meaning_add(p, &p->value);
			return;
		}
		i += p->value.length != 0;
		operands += argv[i][0] != '-' && !p->value.length;
	}
	if (p->word[0] == '-' && !(operands && s->flags & SUBCOMMAND_TAKES_COMMAND)) {
		details_walk(s->details, p, option_add, NULL);
		return;
	}
	operand = operand_find(s->arguments, operands);
	if (operand.length)
		meaning_add(p, &operand);
	if (!p->word[0] && !operands)
		details_walk(s->details, p, option_add, NULL);
}

static void options_add(struct printer *p, const struct expect *x)
{
	for (const struct option_row *o = options; o->name; o++)
		if (expect_option(x, o))
			candidate_add(&p->candidates, o->name,
				      x->given['T'] && o->tracked ? o->tracked : o->help);
}

/* an option, or an argument of the option before it; text ends with the word */
static int expected_add(struct printer *p, const char *text, bool values_only)
{
	size_t length = strlen(text), before = length - strlen(p->word);
	struct candidates *c = &p->candidates;
	struct expect x;

	if (line_expect(&x, text, length) < 0)
		return -ENOMEM;
	if (x.option && (p->word[0] != '-' || x.must || x.begin > before)) {
		p->fixed = x.begin > before ? x.begin - before : 0;
		c->typed = p->word + p->fixed;
		if (x.option->id == 'W')
			interfaces_add(p);
		else
			expect_words(&x, c);
		if (x.must || *p->word)
			return 0;
		p->fixed = c->fixed = 0;
	}
	if (values_only || (*p->word && *p->word != '-'))
		return 0;
	if (line_expect(&x, text, before) < 0)
		return -ENOMEM;
	options_add(p, &x);
	return 0;
}

/* values_only: of options that trace has as well */
static int classic_add(struct printer *p, int argc, char **argv, bool values_only)
{
	struct source front;
	char *text = NULL;
	int err = source_from_argv(&front, argc - 1, argv);

	/* the last word as it is: in quotes it would be a complete one */
	if (!err && asprintf(&text, "%s %s", front.text, p->word) < 0)
		err = -ENOMEM;
	if (!err)
		err = expected_add(p, text, values_only);
	free(text);
	source_free(&front);
	return err;
}

/*
 * Takes global options out of argv, but for the last word.  Returns true if that is a value
 * of one.
 */
static bool globals_take(struct printer *p, int *argc, char **argv)
{
	int out = 1, used;

	for (int i = 1; i < *argc; i += used) {
		used = 1;
		if (i + 1 == *argc || !option_find(p, app_global_options, argv[i])) {
			argv[out++] = argv[i];
			continue;
		}
		used += p->value.length != 0;
		if (used == 2 && i + 2 == *argc) {
			if (strcmp(argv[i], "--backend") == 0)
				backends_add(p);
			return true;
		}
	}
	*argc = out;
	p->value.length = 0;
	return false;
}

/* Takes long options of the subcommand out of argv, but for one that the last word is of. */
static int long_options_take(struct printer *p, const struct app_subcommand *s, int argc,
			     char **argv)
{
	int out = 1;

	for (int i = 1; i < argc; i++) {
		bool known = strncmp(argv[i], "--", 2) == 0 && option_find(p, s->details, argv[i]);
		int last = i + (known && p->value.length);

		if (known && last + 1 < argc)
			i = last;
		else
			argv[out++] = argv[i];
	}
	return out;
}

/* argv after "complete": the arguments of a command, the last one incomplete */
int command_complete(struct app *app, int argc, char **argv)
{
	struct printer p = { .candidates = { .add = candidate_add }, .app = app, .word = "" };
	const struct app_subcommand *s;
	int err = 0;

	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argv++;
		argc--;
	}
	if (argc > 1)
		p.word = argv[argc - 1];
	if (globals_take(&p, &argc, argv))
		return STATUS_OK;
	s = argc > 2 ? app_subcommand_find(app, argv[1]) : NULL;
	if (argc <= 2 && p.word[0] != '-')
		subcommands_add(&p);
	else if (!s)
		err = classic_add(&p, argc, argv, false);
	else
		subcommand_add(&p, s, argc - 1, argv + 1);
	if (s && s->run == command_trace && !usage_is(&p.value, "NAME"))
		err = classic_add(&p, long_options_take(&p, s, argc - 1, argv + 1), argv + 1,
				  true);
	if (p.word[0] == '-')
		details_walk(app_global_options, &p, option_add, NULL);
	if (p.files)
		puts("\t");
	return err ? STATUS_FAILED : STATUS_OK;
}
